import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Secret } from '../model/index.ts';
import { findContextDirectory, prepareDirectory } from './directory.ts';
import { branchOfFetchHead, branchOfSymref, createTreeCount, removeGitFiles } from './git-checkout.ts';
import { gitEnvironment, splitCredential } from './git-environment.ts';
import { explainGit, failure, type FailedFetch } from './git-failure.ts';
import { checkRef } from './git-names.ts';
import { runGit, type GitResult, type GitRun } from './git-process.ts';
import { withDefaults, type SourceLimits } from './limits.ts';
import type { GitLocation } from './location.ts';
import { redactText } from './redact.ts';

export interface FetchGitOptions {
  readonly signal?: AbortSignal | undefined;
  /** `maxTotalBytes` and `maxEntries` hold for the files of the commit, submodules not included. */
  readonly limits?: Partial<SourceLimits> | undefined;
  /** Instead of the location's own; only the host of the location gets it. */
  readonly credential?: Secret | undefined;
  readonly env?: { readonly caFile?: string | undefined } | undefined;
  /** What git says while it works, without secrets. */
  readonly onOutput?: ((line: string) => void) | undefined;
}

export interface FetchedGit {
  /** The full sha of the commit. */
  readonly commit: string;
  /** When the location named a branch or nothing. */
  readonly branch?: string;
  /** The folder of the location, its real path; without one, the directory. */
  readonly contextDirectory: string;
}

/**
 * Checks a commit and its submodules out into `directory` (made if need be; must be empty), as shallow as the
 * server allows, without `.git`. Transports other than http and https are refused. Symbolic links stay as the
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
  const fetch: FailedFetch = { url, ref, hasCredential: credential !== undefined, secrets };
  const root = await prepareDirectory(directory);
  // Beside the directory, so that whoever removes what is there removes this too.
  const home = await mkdtemp(join(dirname(root), 'git-home-'));
  try {
    const env = gitEnvironment({ home, url, credential, caFile: options.env?.caFile });
    const { onOutput } = options;
    const git = createGit({
      cwd: root,
      env: { ...env, GIT_CEILING_DIRECTORIES: dirname(root) },
      signal: options.signal,
      onLine: onOutput && ((line) => onOutput(redactText(line, secrets))),
    });
    await git.must(fetch, ['init', '--quiet', '--template=']);
    await git.must(fetch, ['remote', 'add', '--', 'origin', url]);
    const { commit, branch } = await fetchCommit(git, fetch);
    const hasSubmodules = await checkSize(git, fetch, commit, withDefaults(options.limits));
    await git.must(fetch, ['checkout', '--quiet', '--force', '--detach', commit]);
    if (hasSubmodules) await updateSubmodules(git, fetch);
    await removeGitFiles(root, hasSubmodules);
    const contextDirectory = await findContextDirectory(directory, location.folder);
    return { commit, ...(branch === undefined ? {} : { branch }), contextDirectory };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

type Git = ReturnType<typeof createGit>;

function createGit(base: GitRun) {
  return {
    directory: base.cwd,
    run: (args: readonly string[], more: Partial<GitRun> = {}): Promise<GitResult> =>
      runGit(args, { ...base, ...more }),
    async must(fetch: FailedFetch, args: readonly string[]): Promise<string> {
      const result = await runGit(args, base);
      if (!result.isSuccess) throw explainGit(result.stderr, fetch);
      return result.stdout.trim();
    },
    signal: base.signal,
  };
}

const FETCH = ['fetch', '--no-recurse-submodules', '--no-auto-maintenance'];

/** Fetches what `ref` names: shallow, else as the server can, else everything and then looks for the sha. */
async function fetchCommit(git: Git, fetch: FailedFetch): Promise<{ commit: string; branch?: string }> {
  const wanted = fetch.ref ?? 'HEAD';
  const isSha = /^[0-9a-f]{7,64}$/i.test(wanted);
  const defaultBranch = fetch.ref === undefined ? askDefaultBranch(git) : undefined;
  try {
    const shallow = ['--depth', '1', '--no-tags'];
    let result = await git.run([...FETCH, ...shallow, '--', 'origin', wanted]);
    if (!result.isSuccess && /does not support shallow/.test(result.stderr)) {
      result = await git.run([...FETCH, '--no-tags', '--', 'origin', wanted]);
    }
    if (!result.isSuccess && isSha && /remote ref|not our ref|unadvertised/.test(result.stderr)) {
      return { commit: await fetchEverything(git, fetch, wanted) };
    }
    if (!result.isSuccess) throw explainGit(result.stderr, fetch);
    const commit = await findCommit(git, fetch, 'FETCH_HEAD');
    const fetchHead = await readFile(join(git.directory, '.git', 'FETCH_HEAD'), 'utf8');
    const branch = branchOfFetchHead(fetchHead) ?? (await defaultBranch?.answer);
    return branch === undefined ? { commit } : { commit, branch };
  } finally {
    defaultBranch?.stop();
    await defaultBranch?.answer;
  }
}

/** Asks beside the fetch, since it costs a round trip of its own. No answer is no error. */
function askDefaultBranch(git: Git): { answer: Promise<string | undefined>; stop: () => void } {
  const stopping = new AbortController();
  const signal = git.signal ? AbortSignal.any([git.signal, stopping.signal]) : stopping.signal;
  const answer = git
    .run(['ls-remote', '--symref', '--', 'origin', 'HEAD'], { signal, onLine: undefined })
    .then(({ stdout }) => branchOfSymref(stdout))
    .catch(() => undefined);
  return { answer, stop: () => stopping.abort() };
}

/** Where the commits of pull requests from forks are: GitHub's and Gitea's, Azure DevOps', and GitLab's. */
const PULL_REQUESTS = ['pull/*/head', 'pull/*/merge', 'merge-requests/*/head'];

async function fetchEverything(git: Git, fetch: FailedFetch, sha: string): Promise<string> {
  const refspecs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  await git.must(fetch, [...FETCH, '--', 'origin', ...refspecs]);
  const commit = await findCommit(git, fetch, sha).catch(() => undefined);
  if (commit !== undefined) return commit;
  const ofPullRequests = PULL_REQUESTS.map((ref) => `+refs/${ref}:refs/remotes/${ref}`);
  await git.must(fetch, [...FETCH, '--no-tags', '--', 'origin', ...ofPullRequests]);
  return findCommit(git, fetch, sha);
}

async function findCommit(git: Git, fetch: FailedFetch, name: string): Promise<string> {
  const result = await git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (!result.isSuccess) throw explainGit("couldn't find remote ref", fetch);
  return result.stdout.trim();
}

/** Whether the commit has submodules. */
async function checkSize(
  git: Git,
  fetch: FailedFetch,
  commit: string,
  limits: SourceLimits,
): Promise<boolean> {
  const count = createTreeCount(limits);
  const result = await git.run(['ls-tree', '-r', '-l', '-z', commit], {
    onStdout: (chunk) => count.take(chunk),
  });
  if (count.offence !== undefined) throw failure(count.offence, fetch);
  if (!result.isSuccess) throw explainGit(result.stderr, fetch);
  // a commit may link to others without a .gitmodules; there is nothing to fetch then
  return count.hasSubmodules && (await git.run(['cat-file', '-e', `${commit}:.gitmodules`])).isSuccess;
}

async function updateSubmodules(git: Git, fetch: FailedFetch): Promise<void> {
  const update = ['submodule', '--quiet', 'update', '--init', '--recursive', '--force'];
  const shallow = await git.run([...update, '--depth', '1']);
  if (shallow.isSuccess) return;
  if (!/not our ref|unadvertised|shallow|did not contain/.test(shallow.stderr)) {
    throw explainGit(shallow.stderr, fetch);
  }
  // What is shallow stays so in the next update: the submodules are cloned anew.
  await git.must(fetch, ['submodule', '--quiet', 'deinit', '--all', '--force']);
  await rm(join(git.directory, '.git', 'modules'), { recursive: true, force: true });
  await git.must(fetch, update);
}

function secretsOf(credential: Secret, url: string): string[] {
  const { password } = splitCredential(credential, new URL(url).hostname);
  const values = [credential.reveal(), password];
  return values.flatMap((value) => (value.length < 4 ? [] : [value, encodeURIComponent(value)]));
}
