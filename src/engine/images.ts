import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { ServiceError, type Secret } from '../model/index.ts';
import { orAbort } from './abort.ts';
import type { OnOutput } from './child.ts';
import { reasonOf, statusOf } from './docker-error.ts';

export interface PullOptions {
  readonly image: string;
  readonly platform?: string;
  /** Of the registry. */
  readonly auth?: { readonly username: string; readonly password: Secret };
  readonly onOutput: OnOutput;
  readonly signal: AbortSignal;
}

/** An image that the engine holds under a name or id. */
export async function inspectImage(
  docker: Docker,
  reference: string,
): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(reference).inspect();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Takes a name off an image, unless the name belongs to another image by now. */
export async function removeName(docker: Docker, reference: string, imageId: string): Promise<void> {
  const named = await inspectImage(docker, reference);
  if (named?.Id === imageId) await docker.getImage(reference).remove({ noprune: true });
}

/** One line of what ImageCreate answers. */
interface Progress {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number };
  readonly error?: string;
}

/** Pulls an image. @returns its id. @throws ServiceError 400 `PullFailed` */
export async function pull(docker: Docker, options: PullOptions): Promise<string> {
  const { image, platform, auth, signal } = options;
  signal.throwIfAborted();
  const pulling = docker.pull(image, {
    abortSignal: signal,
    ...(platform !== undefined && { platform }),
    ...(auth && { authconfig: { username: auth.username, password: auth.password.reveal() } }),
  }) as Promise<Readable>;
  const progress = await pulling.catch((error: unknown) => {
    signal.throwIfAborted();
    throw statusOf(error) === undefined ? error : pullFailed(image, reasonOf(error), error);
  });
  try {
    const digest = await orAbort(signal, follow(image, progress, options.onOutput));
    // another run may move the name meanwhile; the digest is what was pulled
    const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    const pulled =
      (digest && (await inspectImage(docker, `${repository}@${digest}`))) ??
      (await inspectImage(docker, image));
    if (pulled) return pulled.Id;
    throw pullFailed(image, 'it was removed from the engine meanwhile');
  } finally {
    progress.destroy();
  }
}

/** Prints what happens as docker pull does without a terminal. @returns the digest */
async function follow(image: string, progress: Readable, onOutput: OnOutput): Promise<string | undefined> {
  let digest: string | undefined;
  for await (const line of createInterface({ input: progress, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const { status, id, progressDetail, error } = JSON.parse(line) as Progress; // the engine's own format
    if (error !== undefined) throw pullFailed(image, reasonOf(new Error(error)));
    digest ??= /^Digest: (sha256:[0-9a-f]{64})$/.exec(status ?? '')?.[1];
    if (status === undefined || progressDetail?.current !== undefined) continue;
    await onOutput(Buffer.from(`${id === undefined ? '' : `${id}: `}${status}\n`));
  }
  return digest;
}

function pullFailed(image: string, reason: string, cause?: unknown): ServiceError {
  return new ServiceError(400, 'PullFailed', `failed to pull ${image}: ${reason}`, { cause });
}
