import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Secret } from '../model/index.ts';
import { findContextDirectory, prepareDirectory } from './directory.ts';
import { checkOut } from './git-checkout.ts';
import { createGit } from './git-command.ts';
import type { FetchedCommit } from './git-commit.ts';
import { gitEnvironment, splitCredential } from './git-environment.ts';
import type { FailedFetch } from './git-failure.ts';
import { checkRef } from './git-names.ts';
import { withDefaults, type SourceLimits } from './limits.ts';
import type { GitLocation } from './location.ts';
import { redactText } from './redact.ts';

export interface FetchGitOptions {
  readonly signal?: AbortSignal | undefined;
  /** `maxTotalBytes` and `maxEntries` hold for all files together, those of submodules and Git LFS included. */
  readonly limits?: Partial<SourceLimits> | undefined;
  /** Instead of the location's own; only the host of the location gets it. */
  readonly credential?: Secret | undefined;
  readonly env?: { readonly caFile?: string | undefined } | undefined;
  /** What git says while it works, without secrets. */
  readonly onOutput?: ((line: string) => void) | undefined;
}

export interface FetchedGit extends FetchedCommit {
  /** The folder of the location, its real path; without one, the directory. */
  readonly contextDirectory: string;
}

/**
 * Checks a commit, its submodules and their Git LFS files out into `directory` (made if need be; must be empty), as
 * shallow as the server allows, without `.git`. Transports other than http and https are refused. Symbolic links stay as the
 * repository has them and may lead outside: open what is in here through `resolveInside`.
 * @throws ServiceError 400 `SourceFetchFailed`
 */
export async function fetchGit(
  location: GitLocation,
  directory: string,
  options: FetchGitOptions = {},
): Promise<FetchedGit> {
  const { url } = location;
  const ref = location.ref === undefined ? undefined : checkRef(location.ref);
  const credential = options.credential ?? location.credential;
  const secrets = credential === undefined ? [] : secretsOf(credential, url);
  const fetch: FailedFetch = { origin: url, url, ref, hasCredential: credential !== undefined, secrets };
  const root = await prepareDirectory(directory);
  // Beside the directory, so that whoever removes what is there removes this too.
  const home = await mkdtemp(join(dirname(root), 'git-home-'));
  try {
    const env = gitEnvironment({ home, url, credential, caFile: options.env?.caFile });
    const { onOutput } = options;
    const git = createGit(
      {
        cwd: root,
        env: { ...env, GIT_CEILING_DIRECTORIES: dirname(root) },
        signal: options.signal,
        onLine: onOutput && ((line) => onOutput(redactText(line, secrets))),
      },
      fetch,
    );
    const count = { limits: withDefaults(options.limits), entries: 0, bytes: 0, submodules: 0 };
    const fetched = await checkOut(git, count);
    return { ...fetched, contextDirectory: await findContextDirectory(directory, location.folder) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function secretsOf(credential: Secret, url: string): string[] {
  const { password } = splitCredential(credential, new URL(url).hostname);
  const values = [credential.reveal(), password];
  return values.flatMap((value) => (value.length < 4 ? [] : [value, encodeURIComponent(value)]));
}
