import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, Secret, ServiceError } from '../model/index.ts';
import type { RunAssignment } from '../protocol/index.ts';
import type { Http } from '../client/index.ts';
import { artifactCredential } from './login-of.ts';
import {
  fetchSource as fetchLocation,
  parseSourceLocation,
  type FetchedSource,
  type SourceLimits,
} from '../sources/index.ts';

/** The server was out of reach, or went away in the middle of a download. */
class DownloadBroken extends Error {}

const retryMs = 500;

/** Brings a run's source into `directory`. @throws ServiceError that says what is wrong with it. */
export async function fetchSource(
  { http, sourceLimits }: { http: Http; sourceLimits: Partial<SourceLimits> },
  run: RunAssignment,
  directory: string,
  signal: AbortSignal,
): Promise<FetchedSource> {
  const { source } = run;
  if (source === undefined) return { contextDirectory: directory };
  const location =
    source.kind === 'upload'
      ? ({ kind: 'upload', relativePath: source.url } as const)
      : parseSourceLocation(source.location);
  const given = source.kind === 'remote' ? source.credential : undefined;
  const credential = given === undefined ? artifactCredential(run.logins, location) : new Secret(given);
  for (;;) {
    try {
      return await fetchLocation(location, directory, {
        signal,
        limits: sourceLimits,
        credential,
        openUpload: (url) => openUpload(http, url, signal),
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DownloadBroken)) throw error;
    }
    // The server restarts: the download begins anew when it is back, or the lease ends meanwhile.
    await delay(retryMs, undefined, { signal });
    await rm(directory, { recursive: true, force: true });
  }
}

async function openUpload(http: Http, url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const response = await http.request(url, { method: 'GET', signal }).catch(broken);
  if (response.status === 200) return whole(response.body);
  if (response.status >= 500) throw new DownloadBroken(`the server answered ${response.status}`);
  throw new ServiceError(
    400,
    'SourceFetchFailed',
    `the uploaded source cannot be read: the server answered ${response.status}`,
  );
}

async function* whole(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    broken(error);
  }
}

function broken(error: unknown): never {
  throw new DownloadBroken(messageOf(error), { cause: error });
}
