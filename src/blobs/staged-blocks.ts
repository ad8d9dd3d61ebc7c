import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../model/index.ts';
import { tooLarge, writeBytes } from './blob-file.ts';
import type { BlobBody } from './blob-store.ts';
import { hasCode, placeFile, withTemporaryFile } from './disk.ts';
import { checkBlockId, hashOf } from './names.ts';

/** As Azure has it. */
const maxBlocks = 50_000;

/** Stages a block as a file of `directory`, which holds the blocks of one blob. */
export async function stageBlock(
  directory: string,
  temporary: string,
  blockId: string,
  body: BlobBody,
  maxBytes: number,
): Promise<void> {
  checkBlockId(blockId);
  const file = path.join(directory, hashOf(blockId));
  await withTemporaryFile(temporary, async (written) => {
    await writeBytes(written, body, maxBytes);
    await placeFile(written, file);
  });
  const staged = await namesIn(directory);
  const sizes = await Promise.all(staged.map((name) => sizeOf(path.join(directory, name))));
  const totalBytes = sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
  if (totalBytes <= maxBytes && staged.length <= maxBlocks) return;
  await rm(file, { force: true });
  if (totalBytes > maxBytes) throw tooLarge(maxBytes);
  throw new ServiceError(
    409,
    'BlockCountExceedsLimit',
    `an upload has at most ${maxBlocks} blocks; send larger ones`,
  );
}

/** The staged blocks one after the other; undefined when one is missing. @throws ServiceError 413. */
export async function stagedBody(
  directory: string,
  blockIds: readonly string[],
  maxBytes: number,
): Promise<{ body: BlobBody } | { missing: string }> {
  const files = blockIds.map((blockId) => path.join(directory, hashOf(blockId)));
  const sizes = await Promise.all(files.map(sizeOf));
  const missing = blockIds.find((_, index) => sizes[index] === undefined);
  if (missing !== undefined) return { missing };
  const totalBytes = sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
  if (totalBytes > maxBytes) throw tooLarge(maxBytes);
  return { body: bytesOf(files, blockIds) };
}

/** Removes the directories of blocks where nothing was staged since `date`. */
export async function dropBlocksBefore(blocksDirectory: string, date: Date): Promise<void> {
  for (const name of await namesIn(blocksDirectory)) {
    const directory = path.join(blocksDirectory, name);
    const { mtime } = await stat(directory).catch(() => ({ mtime: undefined }));
    if (mtime && mtime < date) await rm(directory, { recursive: true, force: true });
  }
}

export function invalidBlockList(blockId: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidBlockList',
    `the block ${blockId} of the list is not staged; send it (comp=block) before the list`,
  );
}

/** Names in a directory; none when it is not there. */
export async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
}

async function* bytesOf(files: readonly string[], blockIds: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const [index, file] of files.entries()) {
    try {
      yield* createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>;
    } catch (error) {
      // Another put or commit of this blob came first and dropped it.
      throw hasCode(error, 'ENOENT') ? invalidBlockList(blockIds[index] ?? '') : error;
    }
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
