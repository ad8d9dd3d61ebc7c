import { lstat, opendir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchFailed, quote } from './errors.ts';

/** Bytes of the files below a directory, and the number of entries. */
export async function measure(directory: string): Promise<{ bytes: number; entries: number }> {
  let bytes = 0;
  let entries = 0;
  for await (const entry of await opendir(directory, { recursive: true })) {
    entries += 1;
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return { bytes, entries };
}

/**
 * Moves what is below `from` into `to`. A file takes the place of a file; links are neither replaced nor put
 * in the place of anything, so that none leads elsewhere than it was checked for.
 */
export async function mergeInto(from: string, to: string, path = ''): Promise<void> {
  for (const name of await readdir(join(from, path))) {
    const inner = path === '' ? name : `${path}/${name}`;
    const [source, target] = [
      await lstat(join(from, inner)),
      await lstat(join(to, inner)).catch(() => undefined),
    ];
    if (source.isDirectory() && target?.isDirectory()) await mergeInto(from, to, inner);
    else if (target === undefined || (source.isFile() && target.isFile())) {
      await rename(join(from, inner), join(to, inner));
    } else throw fetchFailed(`two layers of the source have different things at ${quote(inner)}`);
  }
}
