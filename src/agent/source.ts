import { ServiceError } from '../model/index.ts';
import type { RunAssignment } from '../protocol/index.ts';
import type { Http } from '../client/index.ts';
import { fetchSource as fetchLocation, parseSourceLocation, type FetchedSource } from '../sources/index.ts';

/** Brings a run's source into `directory`. @throws ServiceError that says what is wrong with it. */
export async function fetchSource(
  { http }: { http: Http },
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
  return fetchLocation(location, directory, { signal, openUpload: (url) => openUpload(http, url, signal) });
}

async function openUpload(http: Http, url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const response = await http.request(url, { method: 'GET', signal });
  if (response.status === 200) return response.body;
  throw new ServiceError(
    400,
    'SourceFetchFailed',
    `the uploaded source cannot be read: the server answered ${response.status}`,
  );
}
