import type { Secret } from '../model/index.ts';
import type { Dispatcher } from 'undici';
import { fetchArchive } from './archive.ts';
import { fetchGit, type FetchedGit } from './git.ts';
import type { SourceLimits } from './limits.ts';
import type { SourceLocation } from './location.ts';
import { fetchOci } from './oci.ts';
import { fetchTarball } from './tarball.ts';

export interface FetchSourceOptions {
  /** The bytes of an upload. */
  readonly openUpload: (relativePath: string) => Promise<AsyncIterable<Uint8Array>>;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<SourceLimits> | undefined;
  /** Instead of the location's own, for git and tarballs; for `oci` it is `user:password` of the registry. */
  readonly credential?: Secret | undefined;
  /** For git: PEM certificates instead of the system's. */
  readonly caFile?: string | undefined;
  /** For tarballs and artifacts. */
  readonly dispatcher?: Dispatcher | undefined;
  readonly onOutput?: ((line: string) => void) | undefined;
}

/** `commit` and `branch` are of a git source; see `FetchedGit`. */
export type FetchedSource = Partial<FetchedGit> & Pick<FetchedGit, 'contextDirectory'>;

/**
 * Brings the source of a run into `directory` (made if need be; must be empty).
 * @throws ServiceError 400 `SourceFetchFailed` or `InvalidSourceArchive`; the caller then removes the directory
 */
export async function fetchSource(
  location: SourceLocation,
  directory: string,
  options: FetchSourceOptions,
): Promise<FetchedSource> {
  const { signal, limits, credential, dispatcher, onOutput } = options;
  switch (location.kind) {
    case 'git':
      return fetchGit(location, directory, {
        signal,
        limits,
        credential,
        onOutput,
        env: { caFile: options.caFile },
      });
    case 'tarball': {
      const withCredential = credential === undefined ? location : { ...location, credential };
      await fetchTarball(withCredential, directory, { signal, limits, dispatcher });
      return { contextDirectory: directory };
    }
    case 'oci':
      await fetchOci(location, directory, { signal, limits, credential, dispatcher });
      return { contextDirectory: directory };
    case 'upload':
      await fetchArchive(await options.openUpload(location.relativePath), directory, { signal, limits });
      return { contextDirectory: directory };
  }
}
