import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git-command.ts';
import { explainGit } from './git-failure.ts';

export interface FetchedCommit {
  readonly commit: string;
  /** When a branch, or nothing, was asked for. */
  readonly branch?: string;
}

const FETCH = ['fetch', '--no-recurse-submodules', '--no-auto-maintenance'];

/** Fetches what `ref` names: shallow, else as the server can, else everything and then looks for the sha. */
export async function fetchCommit(git: Git): Promise<FetchedCommit> {
  const { ref } = git.fetch;
  const wanted = ref ?? 'HEAD';
  const isSha = /^[0-9a-f]{7,64}$/i.test(wanted);
  const defaultBranch = ref === undefined ? askDefaultBranch(git) : undefined;
  try {
    const shallow = ['--depth', '1', '--no-tags'];
    let result = await git.run([...FETCH, ...shallow, '--', 'origin', wanted]);
    if (!result.isSuccess && /does not support shallow/.test(result.stderr)) {
      result = await git.run([...FETCH, '--no-tags', '--', 'origin', wanted]);
    }
    if (!result.isSuccess && isSha && /remote ref|not our ref|unadvertised/.test(result.stderr)) {
      return { commit: await fetchEverything(git, wanted) };
    }
    if (!result.isSuccess) throw explainGit(result.stderr, git.fetch);
    const commit = await findCommit(git, 'FETCH_HEAD');
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

async function fetchEverything(git: Git, sha: string): Promise<string> {
  const refspecs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  await git.must([...FETCH, '--', 'origin', ...refspecs]);
  const commit = await findCommit(git, sha).catch(() => undefined);
  if (commit !== undefined) return commit;
  const ofPullRequests = PULL_REQUESTS.map((ref) => `+refs/${ref}:refs/remotes/${ref}`);
  await git.must([...FETCH, '--no-tags', '--', 'origin', ...ofPullRequests]);
  return findCommit(git, sha);
}

async function findCommit(git: Git, name: string): Promise<string> {
  const result = await git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (!result.isSuccess) throw explainGit("couldn't find remote ref", git.fetch);
  return result.stdout.trim();
}

/** The branch that `FETCH_HEAD` names as fetched, if it was one. */
function branchOfFetchHead(fetchHead: string): string | undefined {
  return /^[0-9a-f]+\t[^\t]*\tbranch '(.*)' of /m.exec(fetchHead)?.[1];
}

/** The default branch in the output of `git ls-remote --symref origin HEAD`. */
function branchOfSymref(output: string): string | undefined {
  return /^ref: refs\/heads\/(.*)\tHEAD$/m.exec(output)?.[1];
}
