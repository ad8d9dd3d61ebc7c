import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Whether a file operation failed with that code of the system, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Makes a directory and its parents, and their entries durable. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = path.dirname(made)) {
    await syncDirectory(path.dirname(made));
  }
}

/** Runs `write` on the path of a new temporary file, which is gone afterwards unless it was moved. */
export async function withTemporaryFile<T>(
  directory: string,
  write: (file: string) => Promise<T>,
): Promise<T> {
  const file = path.join(directory, randomUUID());
  try {
    return await write(file);
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * Gives a written and synced file its name, all at once and durably. With `ifAbsent` it answers false
 * when something has that name already, and leaves both alone.
 */
export async function placeFile(file: string, target: string, ifAbsent = false): Promise<boolean> {
  const directory = path.dirname(target);
  for (let attempt = 1; ; attempt += 1) {
    await makeDirectory(directory);
    try {
      await (ifAbsent ? link(file, target) : rename(file, target));
      break;
    } catch (error) {
      if (ifAbsent && hasCode(error, 'EEXIST')) return false;
      // Somebody removed the directory meanwhile, as the end of an upload does with its blocks'.
      if (!hasCode(error, 'ENOENT') || attempt === 5) throw error;
    }
  }
  await syncDirectory(directory);
  return true;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}
