import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceLimits } from './limits.ts';

const GITLINK = '160000';

/**
 * Adds up the output of `git ls-tree -r -l -z` as it comes, so that a tree made to explode is refused before
 * one file of it is written. `take` answers false when a limit is passed.
 */
export function createTreeCount(limits: SourceLimits) {
  let rest = '';
  let entries = 0;
  let bytes = 0;
  let hasSubmodules = false;
  let offence: string | undefined;
  return {
    take(chunk: Buffer): boolean {
      const lines = (rest + chunk.toString('latin1')).split('\0');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        entries += 1;
        const [mode, , , size] = line.slice(0, line.indexOf('\t')).split(/ +/);
        if (mode === GITLINK) hasSubmodules = true;
        else bytes += Number(size);
      }
      if (entries > limits.maxEntries) {
        offence = `it has more than ${limits.maxEntries} files; that is the limit (maxEntries)`;
      } else if (bytes > limits.maxTotalBytes) {
        offence = `its files have more than ${limits.maxTotalBytes} bytes; that is the limit (maxTotalBytes)`;
      }
      return offence === undefined;
    },
    get offence(): string | undefined {
      return offence;
    },
    get hasSubmodules(): boolean {
      return hasSubmodules;
    },
  };
}

/** The branch that `FETCH_HEAD` names as fetched, if it was one. */
export function branchOfFetchHead(fetchHead: string): string | undefined {
  return /^[0-9a-f]+\t[^\t]*\tbranch '(.*)' of /m.exec(fetchHead)?.[1];
}

/** The default branch in the output of `git ls-remote --symref origin HEAD`. */
export function branchOfSymref(output: string): string | undefined {
  return /^ref: refs\/heads\/(.*)\tHEAD$/m.exec(output)?.[1];
}

/** Removes git's own files as docker does; `.git` inside is what each submodule has (git tracks no such name). */
export async function removeGitFiles(directory: string, hasSubmodules: boolean): Promise<void> {
  await rm(join(directory, '.git'), { recursive: true, force: true });
  if (!hasSubmodules) return;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeGitFiles(join(directory, entry.name), true);
  }
}
