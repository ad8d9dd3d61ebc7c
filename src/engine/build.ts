import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { Secret, ServiceError } from '../model/index.ts';
import { runChild, type OnOutput } from './child.ts';
import type { BuildLimits } from './limits.ts';

export interface BuildArgument {
  readonly name: string;
  readonly value: string | Secret;
}

export interface BuildOptions {
  readonly contextDirectory: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly target?: string;
  readonly buildArguments: readonly BuildArgument[];
  /** `linux/arm64/v8` */
  readonly platform?: string;
  readonly noCache: boolean;
  /** What its steps may take of the machine, where it can be enforced. */
  readonly limits?: BuildLimits;
  readonly dockerConfigDirectory: string;
  /** Where files may be put that are of no use after the build; the caller removes it. */
  readonly scratchDirectory: string;
  readonly onOutput: OnOutput;
  readonly signal: AbortSignal;
}

/** `docker build` with BuildKit. @throws ServiceError 400 `DockerfileNotFound`, `InvalidArgument`, `BuildFailed`. */
export async function build(
  cli: { program: string; env: NodeJS.ProcessEnv },
  options: BuildOptions,
): Promise<{ imageId: string }> {
  const dockerfile = await findDockerfile(options.contextDirectory, options.dockerfile);
  const idFile = path.join(options.scratchDirectory, 'image-id');
  const { args, env } = buildArguments(options.buildArguments);
  const line = ['build', '--progress', 'plain', '--iidfile', idFile, '--file', dockerfile];
  for (const tag of options.tags) line.push('--tag', tag);
  if (options.target !== undefined) line.push('--target', options.target);
  if (options.platform !== undefined) line.push('--platform', options.platform);
  if (options.noCache) line.push('--no-cache');
  const code = await runChild(cli.program, [...line, ...args, '--', '.'], {
    env: { ...cli.env, ...env, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: options.dockerConfigDirectory },
    cwd: options.contextDirectory,
    onOutput: options.onOutput,
    signal: options.signal,
  });
  if (code !== 0) throw new ServiceError(400, 'BuildFailed', `failed to build: exit status ${code}`);
  return { imageId: (await readFile(idFile, 'utf8')).trim() };
}

/** The Dockerfile's real path, which must lie inside the context: a link that leads out is refused. */
async function findDockerfile(contextDirectory: string, name: string): Promise<string> {
  const context = await realpath(contextDirectory);
  const file = await realpath(path.resolve(context, name)).catch(() => undefined);
  const isFile = file !== undefined && (await stat(file)).isFile();
  if (!isFile) {
    throw new ServiceError(
      400,
      'DockerfileNotFound',
      `unable to find the Dockerfile ${JSON.stringify(name)} in the source; name it with --file, relative to the context`,
    );
  }
  if (file.startsWith(`${context}${path.sep}`)) return file;
  throw new ServiceError(
    400,
    'DockerfileNotFound',
    `the Dockerfile ${JSON.stringify(name)} lies outside of the source`,
  );
}

/** Names that mean something to the docker client itself, were they in its environment. */
const reservedName =
  /^(PATH|HOME|SHELL|USER|TMPDIR|LD_.*|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|GO.*|SSH_.*|SSL_.*|HTTPS?_PROXY|NO_PROXY|ALL_PROXY)$/i;

/**
 * `--build-arg NAME` takes the value from the client's environment, so that it shows in no process list.
 * Reserved names stand on the command line instead, and cannot be secret.
 */
function buildArguments(given: readonly BuildArgument[]): { args: string[]; env: Record<string, string> } {
  const args: string[] = [];
  const env: Record<string, string> = {};
  for (const { name, value } of given) {
    const text = value instanceof Secret ? value.reveal() : value;
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) || text.includes('\0')) {
      throw new ServiceError(
        400,
        'InvalidArgument',
        `${JSON.stringify(name)} is no name of a build argument`,
      );
    }
    if (!reservedName.test(name)) {
      args.push('--build-arg', name);
      env[name] = text;
    } else if (value instanceof Secret) {
      const message = `the secret build argument ${name} has a name that the docker client itself uses; give it another`;
      throw new ServiceError(400, 'InvalidArgument', message);
    } else args.push('--build-arg', `${name}=${text}`);
  }
  return { args, env };
}
