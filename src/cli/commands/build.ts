import path from 'node:path';
import { Command } from 'commander';
import { openApi, type Api, type ApiRun } from '../api/api.ts';
import { loadSettings, type Settings } from '../api/settings.ts';
import { packContext } from '../api/pack-context.ts';
import { openDisplay, type Display } from '../display.ts';
import { followRun, imagesOf } from '../follow-run.ts';
import { collect, parseArgument, parseWholeNumber } from '../options.ts';

interface Flags {
  readonly tag: string[];
  readonly file: string;
  readonly buildArg: string[];
  readonly secretBuildArg: string[];
  readonly target?: string;
  readonly platform: string;
  readonly timeout?: number;
  readonly push: boolean;
  readonly cache: boolean;
  readonly wait: boolean;
  readonly pool?: string;
  readonly envFile?: string;
}

/** `slipway build`: a directory, a git URL or a tarball URL becomes an image. */
export function buildCommand(): Command {
  return new Command('build')
    .description('build an image and push it to the registry')
    .argument('[source]', 'directory, git URL (…git#branch:folder) or URL of a tar archive', '.')
    .option(
      '-t, --tag <image>',
      'name of the image in the registry, such as app:v1 (repeatable)',
      collect,
      [],
    )
    .option('-f, --file <path>', 'Dockerfile, relative to the source', 'Dockerfile')
    .option('--build-arg <name=value>', 'build argument (repeatable)', collect, [])
    .option('--secret-build-arg <name=value>', 'build argument that no log shows (repeatable)', collect, [])
    .option('--target <stage>', 'stage of the Dockerfile to build')
    .option('--platform <os/architecture>', 'platform of the image', 'linux/amd64')
    .option('--timeout <seconds>', 'the build is stopped after so long (300 to 28800)', parseWholeNumber)
    .option('--no-push', 'build only')
    .option('--no-cache', 'build every step anew')
    .option('--no-wait', 'queue the build and leave')
    .option('--pool <name>', 'agent pool that builds it')
    .option('--env-file <file>', 'client.env of the server')
    .action(async (source: string, flags: Flags) => {
      const settings = await loadSettings(flags.envFile);
      const api = openApi(settings);
      const display = openDisplay(process.stdout.isTTY && process.stderr.isTTY);
      try {
        process.exitCode = await build(settings, api, display, source, flags);
      } finally {
        display.end();
        api.close();
      }
    });
}

async function build(
  settings: Settings,
  api: Api,
  display: Display,
  source: string,
  flags: Flags,
): Promise<number> {
  const isLocal = !isRemote(source);
  const sourceLocation = isLocal ? await upload(settings, api, display, source, flags.file) : source;
  const [os = 'linux', architecture, variant] = flags.platform.split('/');
  const run = await api.scheduleRun({
    type: 'DockerBuildRequest',
    sourceLocation,
    imageNames: flags.tag,
    isPushEnabled: flags.push && flags.tag.length > 0,
    noCache: !flags.cache,
    dockerFilePath: flags.file,
    ...(flags.target !== undefined && { target: flags.target }),
    arguments: [
      ...flags.buildArg.map((text) => ({ ...parseArgument(text), isSecret: false })),
      ...flags.secretBuildArg.map((text) => ({ ...parseArgument(text), isSecret: true })),
    ],
    platform: { os, ...(architecture && { architecture }), ...(variant && { variant }) },
    ...(flags.timeout !== undefined && { timeout: flags.timeout }),
    ...(flags.pool !== undefined && { agentPoolName: flags.pool }),
  });
  display.line(`Queued as run ${run.runId}`);
  if (!flags.wait) {
    display.line(`Follow it with: slipway logs ${run.runId}`);
    return 0;
  }
  const ended = await followRun(api, run.runId, display);
  report(display, ended);
  return ended.status === 'Succeeded' ? 0 : 1;
}

/** git and tarball URLs; `github.com/…` and `git@…` go without a scheme, and no directory is called so. */
function isRemote(source: string): boolean {
  return /^(https?|git|ssh):\/\//i.test(source) || /^(git@|github\.com\/)/i.test(source);
}

async function upload(
  settings: Settings,
  api: Api,
  display: Display,
  directory: string,
  dockerfile: string,
): Promise<string> {
  let files = 0;
  let sentBytes = 0;
  const isCompressed = !/(^|\.)localhost$|^127\.|^\[::1\]$/.test(new URL(settings.url).hostname);
  const show = (): void =>
    display.status(
      `Uploading ${path.resolve(directory)}` +
        (files > 0 ? `: ${files} files, ${formatBytes(sentBytes)}` : ''),
    );
  show();
  const archive = await packContext(directory, { dockerfile, isCompressed, onFile: () => (files += 1) });
  const { uploadUrl, relativePath } = await api.getUploadUrl();
  archive.on('data', (chunk: Uint8Array) => {
    sentBytes += chunk.length;
    if (process.stdout.isTTY) show();
  });
  archive.pause(); // the request reads it
  await api.upload(uploadUrl, archive);
  return relativePath;
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}

function report(display: Display, run: ApiRun): void {
  display.end();
  for (const image of imagesOf(run)) display.line(image);
  if (run.status !== 'Succeeded') {
    display.line(
      `Run ${run.runId} ${run.status.toLowerCase()}${run.runErrorMessage ? `: ${run.runErrorMessage}` : ''}`,
    );
  }
}
