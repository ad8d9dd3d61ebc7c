import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { ServiceError } from '../../model/index.ts';
import { loadSettings } from '../api/settings.ts';
import { defaultDataDirectory, mainFile, projectDirectory } from '../paths.ts';
import { answers, ensureEngine } from '../setup/engine.ts';
import { ensurePrograms, needs } from '../setup/packages.ts';
import { findProgram, runHere } from '../setup/programs.ts';
import { say, step } from '../setup/say.ts';
import { startServerProcess } from '../setup/server.ts';

/** `slipway quickstart`: from nothing to a built and pushed image, and a server to go on with. */
export function quickstartCommand(): Command {
  return new Command('quickstart')
    .description('install what is missing, start a server with an agent, build an example image')
    .option('--exit', 'stop everything after the build')
    .option(
      '--data <dir>',
      'where the server keeps everything',
      process.env.SLIPWAY_DATA ?? defaultDataDirectory,
    )
    .action((flags: { exit?: boolean; data: string }) =>
      quickstart(path.resolve(flags.data), flags.exit ?? false),
    );
}

async function quickstart(data: string, isExit: boolean): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new ServiceError(499, 'Interrupted', 'interrupted')));
  }
  const stops: (() => Promise<void>)[] = [];
  try {
    if (!(await answers(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'))) {
      await ensurePrograms([needs.docker, needs.registry, needs.git, needs.gitLfs, needs.busybox]);
    }
    const engine = await ensureEngine();
    stops.push(() => engine.stop());
    interrupted.signal.throwIfAborted();
    const server = await step('Starting the server', () => startServerProcess(data, engine.env));
    stops.push(() => server.stop());
    interrupted.signal.throwIfAborted();
    const needed = await buildExample(server.envFile, engine.env);
    interrupted.signal.throwIfAborted();
    const { registry } = await loadSettings(server.envFile);
    process.stdout.write(nextSteps(server.url, server.envFile, registry, data, needed));
    if (isExit) return;
    say('The server runs until Ctrl-C');
    await Promise.race([once(interrupted.signal, 'abort'), server.exited]);
    if (!interrupted.signal.aborted) {
      throw new ServiceError(
        503,
        'ServerEnded',
        `the server ended; ${path.join(data, 'server.log')} says why`,
      );
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    if (stops.length > 0) say('Stopping what was started');
    for (const stop of stops.reverse()) await stop();
  }
}

/** Builds the example, and answers the arguments that it needs on this machine. */
async function buildExample(envFile: string, env: Readonly<Record<string, string>>): Promise<string> {
  const build = async (args: readonly string[]): Promise<void> => {
    const all = ['--disable-warning=ExperimentalWarning', mainFile, 'build', '--env-file', envFile, ...args];
    const code = await runHere(process.execPath, all, { ...process.env, ...env });
    if (code !== 0)
      throw new ServiceError(500, 'BuildFailed', 'the example could not be built; its log is above');
  };
  const { loginServer } = await loadSettings(envFile);
  const base = `${loginServer}/base/busybox:latest`;
  const hasBase = await step('Building the base image, for machines without a network', () =>
    buildBase(build),
  );
  say('Building examples/hello');
  const needed = hasBase ? ['--build-arg', `BASE=${base}`] : [];
  const context = path.join(projectDirectory, 'examples', 'hello');
  await build(['-t', 'hello:v1', '--build-arg', 'GREETING=Slipway', ...needed, context]);
  return needed.map((word) => `${word} `).join('');
}

/** The example's base from this machine's own static busybox; where it has none, it comes from Docker Hub. */
async function buildBase(build: (args: readonly string[]) => Promise<void>): Promise<boolean> {
  const busybox = await findProgram('busybox');
  if (process.platform !== 'linux' || busybox === undefined || !(await isStatic(busybox))) return false;
  const context = await mkdtemp(path.join(os.tmpdir(), 'slipway-base-'));
  try {
    await copyFile(busybox, path.join(context, 'busybox'));
    const lines = [
      'FROM scratch',
      'COPY busybox /bin/busybox',
      'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
      'CMD ["sh"]',
    ];
    await writeFile(path.join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
    await build(['-t', 'base/busybox:latest', context]);
    return true;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Whether a program needs no libraries: an ELF file without an interpreter. */
async function isStatic(program: string): Promise<boolean> {
  const image = await readFile(program);
  return !image.subarray(0, 4096).includes('/ld-linux') && !image.subarray(0, 4096).includes('/ld-musl');
}

function nextSteps(url: string, envFile: string, registry: string, data: string, needed: string): string {
  const heading = (text: string): string => styleText('bold', text);
  const isDefault = data === defaultDataDirectory;
  const option = isDefault ? '' : ` --env-file ${envFile}`;
  return `
${heading('Slipway is up')}  ${url}

${heading('Look at it in a browser')}  ${url}/portal/
  Sign in with SLIPWAY_CLIENT_ID and SLIPWAY_CLIENT_SECRET of
  ${envFile}

${heading('Build with our own client')}
  ./slipway build${option} -t hello:v2 ${needed}examples/hello
  ./slipway runs${option}

${heading('Build with an unmodified az')}
  eval "$(./slipway az-env${option})"
  ./slipway az-login
  az acr build -r ${registry} -t hello:v3 ${needed}examples/hello
`;
}
