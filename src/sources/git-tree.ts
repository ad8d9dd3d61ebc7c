import type { SourceLimits } from './limits.ts';

const GITLINK = '160000';
const SYMLINK = '120000';

/** What a checkout does not bring by itself: submodules, and where Git LFS may be asked for. */
export interface TreeExtras {
  /** Commits of other repositories, by the folder they belong into. */
  readonly gitlinks: { readonly path: string; readonly commit: string }[];
  /** Paths of `.gitattributes` files. */
  readonly attributeFiles: string[];
  hasGitmodules: boolean;
}

/** Of a repository with all its submodules and Git LFS objects: what counts against the limits. */
export interface SourceCount {
  readonly limits: SourceLimits;
  entries: number;
  bytes: number;
  submodules: number;
}

/** Why the source is refused, if it is. */
export function offenceOf({ entries, bytes, limits }: SourceCount): string | undefined {
  if (entries > limits.maxEntries) {
    return `it has more than ${limits.maxEntries} files; that is the limit (maxEntries)`;
  }
  if (bytes > limits.maxTotalBytes) {
    return `its files have more than ${limits.maxTotalBytes} bytes; that is the limit (maxTotalBytes)`;
  }
  return undefined;
}

/**
 * Adds up the output of `git ls-tree -r -l -z` as it comes, so that a tree made to explode is refused before
 * one file of it is written. `take` answers false when a limit is passed.
 */
export function createTreeReader(count: SourceCount) {
  let rest = '';
  const extras: TreeExtras = { gitlinks: [], attributeFiles: [], hasGitmodules: false };
  return {
    take(chunk: Buffer): boolean {
      const lines = (rest + chunk.toString('latin1')).split('\0');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        count.entries += 1;
        const tab = line.indexOf('\t');
        const [mode, , commit = '', size] = line.slice(0, tab).split(/ +/);
        const name = line.slice(tab + 1);
        if (mode === GITLINK) extras.gitlinks.push({ path: utf8(name), commit });
        else count.bytes += Number(size);
        if (mode === GITLINK || mode === SYMLINK) continue;
        if (name === '.gitmodules') extras.hasGitmodules = true;
        else if (/(^|\/)\.gitattributes$/.test(name)) extras.attributeFiles.push(utf8(name));
      }
      return offenceOf(count) === undefined;
    },
    extras,
  };
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}
