import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { codeOf, fetchFailed, quote } from './errors.ts';

/** Makes `directory` if need be and answers its real path. @throws Error when something is in it already. */
export async function prepareDirectory(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) throw new Error(`${directory} must be empty to take a source`);
  return realpath(directory);
}

/**
 * The real path of `relativePath` below `directory`, every symbolic link followed: `undefined` when it does
 * not exist or lies outside. What opens a file that a context names goes through here.
 */
export async function resolveInside(directory: string, relativePath: string): Promise<string | undefined> {
  try {
    const root = await realpath(directory);
    const found = await realpath(join(root, relativePath));
    return found === root || found.startsWith(root === sep ? sep : root + sep) ? found : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The folder of a fetched source that is the build's context; the directory itself without a folder.
 * @throws ServiceError 400 `SourceFetchFailed` when it is missing, no directory, or a link to the outside
 */
export async function findContextDirectory(directory: string, folder: string | undefined): Promise<string> {
  if (folder === undefined) return directory;
  const found = await resolveInside(directory, folder);
  if (found === undefined) throw fetchFailed(`the folder ${quote(folder)} is not in the source`);
  if (!(await stat(found)).isDirectory()) {
    throw fetchFailed(`${quote(folder)} in the source is a file; the context must be a folder`);
  }
  return found;
}
