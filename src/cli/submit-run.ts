import path from 'node:path';
import { runPagePath } from '../model/index.ts';
import type { Api, ApiRun } from './api/api.ts';
import type { Settings } from './api/settings.ts';
import { withApi } from './api/with-api.ts';
import { packContext, type PackOptions } from './api/pack-context.ts';
import { openDisplay, type Display } from './display.ts';
import { followRun, imagesOf } from './follow-run.ts';

/** What a command that begins a run works with. */
export interface Session {
  readonly settings: Settings;
  readonly api: Api;
  readonly display: Display;
}

/** Works with the server of `client.env`; the work's answer is the exit code. */
export async function inSession(
  envFile: string | undefined,
  work: (session: Session) => Promise<number>,
): Promise<void> {
  await withApi(envFile, async (api, settings) => {
    const display = openDisplay(process.stdout.isTTY && process.stderr.isTTY);
    try {
      process.exitCode = await work({ settings, api, display });
    } finally {
      display.end();
    }
  });
}

/** The `sourceLocation` of a source: a URL as it is, a directory once it is uploaded. */
export async function locate(
  session: Session,
  source: string,
  options: Pick<PackOptions, 'dockerfile' | 'needed'>,
): Promise<string> {
  return isRemote(source) ? source : upload(session, source, options);
}

/** git and tarball URLs; `github.com/…` and `git@…` go without a scheme, and no directory is called so. */
function isRemote(source: string): boolean {
  return /^(https?|git|ssh|oci):\/\//i.test(source) || /^(git@|github\.com\/)/i.test(source);
}

async function upload(
  { settings, api, display }: Session,
  directory: string,
  options: Pick<PackOptions, 'dockerfile' | 'needed'>,
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
  const archive = await packContext(directory, { ...options, isCompressed, onFile: () => (files += 1) });
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

/** Queues a run, shows it until it ends unless nobody waits for it, and answers the exit code. */
export async function submitRun(
  { api, display, settings }: Session,
  request: object,
  options: { readonly wait: boolean },
): Promise<number> {
  const run = await api.scheduleRun(request);
  display.line(`Queued as run ${run.runId}`);
  if (!options.wait) {
    const { url, subscriptionId, resourceGroup: resourceGroupName, registry: name } = settings;
    const page = runPagePath({ subscriptionId, resourceGroupName, name }, run.runId);
    display.line(`Follow it with: slipway logs ${run.runId}, or at ${url}${page}`);
    return 0;
  }
  const ended = await followRun(api, run.runId, display);
  report(display, ended);
  return ended.status === 'Succeeded' ? 0 : 1;
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
