import { constants, type Dirent } from 'node:fs';
import { copyFile, mkdir, open, readdir, readlink, symlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../model/index.ts';
import { codeOf } from './errors.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Each level has a file open. */
const maxDepth = 200;

/**
 * Copies directories, files and links, while somebody else may change them: no link is followed, also none
 * that takes the place of a directory meanwhile, because each file is opened below its open directory. What
 * goes away meanwhile, may not be read, or is neither of the three, is left out. Needs /proc (Linux).
 * @param to is made.
 * @throws ServiceError 400 `SourceTooDeep`; the signal's reason.
 */
export async function copyDirectory(from: string, to: string, signal: AbortSignal): Promise<void> {
  const root = await open(from, O_RDONLY | O_DIRECTORY);
  try {
    await copyBelow(root, to, signal, 0);
  } finally {
    await root.close();
  }
}

async function copyBelow(from: FileHandle, to: string, signal: AbortSignal, depth: number): Promise<void> {
  if (depth === maxDepth) {
    const message = `the workspace has directories in each other more than ${maxDepth} deep; a build beside a cmd step takes no deeper ones`;
    throw new ServiceError(400, 'SourceTooDeep', message);
  }
  const { mode } = await from.stat();
  await mkdir(to, { recursive: true, mode: (mode & 0o777) | 0o700 });
  for (const entry of await readdir(below(from), { withFileTypes: true })) {
    signal.throwIfAborted();
    await copyEntry(from, entry, path.join(to, entry.name), signal, depth).catch((error: unknown) => {
      if (
        !['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENXIO', 'EINVAL', 'ENAMETOOLONG'].includes(
          codeOf(error) ?? '',
        )
      )
        throw error;
    });
  }
}

async function copyEntry(
  from: FileHandle,
  entry: Dirent,
  to: string,
  signal: AbortSignal,
  depth: number,
): Promise<void> {
  const source = path.join(below(from), entry.name);
  if (entry.isSymbolicLink()) return symlink(await readlink(source), to);
  if (!entry.isDirectory() && !entry.isFile()) return;
  const isDirectory = entry.isDirectory() ? O_DIRECTORY : 0;
  const opened = await open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | isDirectory);
  try {
    const stats = await opened.stat();
    if (stats.isDirectory()) await copyBelow(opened, to, signal, depth + 1);
    else if (stats.isFile()) await copyOpenFile(opened, to, stats);
  } finally {
    await opened.close();
  }
}

async function copyOpenFile(
  from: FileHandle,
  to: string,
  { mode, atime, mtime }: { mode: number; atime: Date; mtime: Date },
): Promise<void> {
  await copyFile(below(from), to, constants.COPYFILE_FICLONE);
  const copy = await open(to, O_RDONLY);
  try {
    await copy.chmod(mode & 0o777);
    await copy.utimes(atime, mtime); // an image keeps the times of its files
  } finally {
    await copy.close();
  }
}

/** The open file itself, wherever its path leads by now. */
function below({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}
