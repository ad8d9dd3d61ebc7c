import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareDirectory } from './directory.ts';
import type { Git } from './git-command.ts';
import { fetchCommit, type FetchedCommit } from './git-commit.ts';
import { explainGit, failure } from './git-failure.ts';
import { bringLfsFiles } from './git-lfs.ts';
import { findSubmodules } from './git-submodules.ts';
import { createTreeReader, offenceOf, type SourceCount, type TreeExtras } from './git-tree.ts';

/** Commits can record each other in chains and fans of any size. Boost, a big one, has 170 in 3 levels. */
const MAX_SUBMODULES = 1000;
const MAX_DEPTH = 10;

/** Checks out what `git` is to fetch, with Git LFS files and submodules, and leaves nothing of git's own. */
export async function checkOut(git: Git, count: SourceCount, depth = 0): Promise<FetchedCommit> {
  await git.must(['init', '--quiet', '--template=']);
  await git.must(['remote', 'add', '--', 'origin', git.fetch.url]);
  const fetched = await fetchCommit(git);
  const extras = await readTree(git, fetched.commit, count);
  await git.must(['checkout', '--quiet', '--force', '--detach', fetched.commit]);
  await bringLfsFiles(git, extras.attributeFiles, count);
  const submodules = await findSubmodules(git, extras);
  await rm(join(git.directory, '.git'), { recursive: true });
  count.submodules += submodules.length;
  if (count.submodules > MAX_SUBMODULES) {
    throw failure(`it has more than ${MAX_SUBMODULES} submodules; that is the limit`, git.fetch);
  }
  if (submodules.length > 0 && depth === MAX_DEPTH) {
    throw failure(
      `its submodules have submodules more than ${MAX_DEPTH} levels deep; that is the limit`,
      git.fetch,
    );
  }
  for (const { directory, fetch } of submodules) {
    await checkOut(git.at(await prepareDirectory(directory), fetch), count, depth + 1);
  }
  return fetched;
}

async function readTree(git: Git, commit: string, count: SourceCount): Promise<TreeExtras> {
  const reader = createTreeReader(count);
  const result = await git.run(['ls-tree', '-r', '-l', '-z', commit], {
    onStdout: (chunk) => reader.take(chunk),
  });
  const offence = offenceOf(count);
  if (offence !== undefined) throw failure(offence, git.fetch);
  if (!result.isSuccess) throw explainGit(result.stderr, git.fetch);
  return reader.extras;
}
