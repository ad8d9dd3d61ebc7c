import { randomBytes } from 'node:crypto';
import { rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { ServiceError } from '../model/index.ts';
import { openBlobFile, writeBlobFile } from './blob-file.ts';
import type { BlobBody, BlobProperties, BlobStore, PutOptions, ReadRange } from './blob-store.ts';
import { hasCode, makeDirectory, placeFile, withTemporaryFile } from './disk.ts';
import { checkBlobName, checkBlockId, checkContainerName, hashOf } from './names.ts';
import { dropBlocksBefore, invalidBlockList, namesIn, stageBlock, stagedBody } from './staged-blocks.ts';

const millisecondsOfDay = 24 * 3600 * 1000;

/**
 * Blobs as files: `{directory}/{container}/{2 digits}/{SHA-256 of the name}`, so that no name can mean
 * another file, be too long, or be a folder where another is a file. One process at a time owns the
 * directory: what an earlier one left half-written is removed here, staged blocks after a day.
 */
export async function openFileBlobStore({ directory }: { directory: string }): Promise<BlobStore> {
  // No container's name begins with a dot.
  const temporary = path.join(directory, '.temporary');
  const blocks = path.join(directory, '.blocks');
  const fileOf = (container: string, blob: string): string => {
    const hash = hashOf(blob);
    return path.join(directory, container, hash.slice(0, 2), hash);
  };
  const blocksOf = (container: string, blob: string): string => path.join(blocks, hashOf(container, blob));
  const dropBlocks = (container: string, blob: string): Promise<void> =>
    rm(blocksOf(container, blob), { recursive: true, force: true });

  async function write(
    container: string,
    blob: string,
    body: BlobBody,
    { maxBytes, contentType = 'application/octet-stream', metadata = {}, ifAbsent }: PutOptions,
    blockList?: string,
  ): Promise<BlobProperties> {
    const etag = `"0x${randomBytes(8).toString('hex').toUpperCase()}"`;
    const trailer = { container, blob, etag, contentType, metadata, ...(blockList && { blockList }) };
    const properties = await withTemporaryFile(temporary, async (file) => {
      const written = await writeBlobFile(file, body, maxBytes, trailer);
      if (await placeFile(file, fileOf(container, blob), ifAbsent)) return written;
      throw new ServiceError(409, 'BlobAlreadyExists', `there is already a blob ${blob} in ${container}`);
    });
    await dropBlocks(container, blob);
    return properties;
  }

  async function look(container: string, blob: string) {
    const file = await openBlobFile(fileOf(container, blob));
    await file?.handle.close();
    return file;
  }

  async function sweep(): Promise<void> {
    await rm(temporary, { recursive: true, force: true });
    await makeDirectory(temporary);
    await dropBlocksBefore(blocks, new Date(Date.now() - millisecondsOfDay));
  }

  await sweep();
  return {
    async put(container, blob, body, options) {
      checkBlobName(container, blob);
      return write(container, blob, body, options);
    },

    async putBlock(container, blob, blockId, body, { maxBytes }) {
      checkBlobName(container, blob);
      await stageBlock(blocksOf(container, blob), temporary, blockId, body, maxBytes);
    },

    async commitBlocks(container, blob, blockIds, options) {
      checkBlobName(container, blob);
      blockIds.forEach(checkBlockId);
      const blockList = hashOf(...blockIds);
      const staged = await stagedBody(blocksOf(container, blob), blockIds, options.maxBytes);
      if ('body' in staged) return write(container, blob, staged.body, options, blockList);
      const existing = options.ifAbsent ? undefined : await look(container, blob);
      if (existing?.blockList === blockList) return existing.properties;
      throw invalidBlockList(staged.missing);
    },

    async head(container, blob) {
      checkBlobName(container, blob);
      return (await look(container, blob))?.properties;
    },

    async openRead(container, blob, range = {}) {
      checkBlobName(container, blob);
      const file = await openBlobFile(fileOf(container, blob));
      if (!file) throw new ServiceError(404, 'BlobNotFound', `there is no blob ${blob} in ${container}`);
      try {
        const { start, end } = bytesToRead(file.properties, range);
        if (start <= end) return file.handle.createReadStream({ start, end });
      } catch (error) {
        await file.handle.close();
        throw error;
      }
      await file.handle.close();
      return Readable.from([]);
    },

    async remove(container, blob) {
      checkBlobName(container, blob);
      await dropBlocks(container, blob);
      return removeFile(fileOf(container, blob));
    },

    async sweepOlderThan(date, container) {
      if (container !== undefined) checkContainerName(container);
      const containers = container === undefined ? await namesIn(directory) : [container];
      let removed = 0;
      for (const name of containers.filter((each) => !each.startsWith('.'))) {
        for (const folder of await namesIn(path.join(directory, name))) {
          for (const file of await namesIn(path.join(directory, name, folder))) {
            if (await removeIfOlder(path.join(directory, name, folder, file), date)) removed += 1;
          }
        }
      }
      await dropBlocksBefore(blocks, date);
      return removed;
    },
  };
}

function bytesToRead(properties: BlobProperties, range: ReadRange): { start: number; end: number } {
  const { sizeBytes, etag } = properties;
  const { start = 0, end = sizeBytes - 1, ifMatch = etag } = range;
  if (ifMatch !== etag) throw new ServiceError(412, 'ConditionNotMet', 'the blob was replaced meanwhile');
  if (start > sizeBytes || start < 0) {
    throw new ServiceError(416, 'InvalidRange', `byte ${start} is outside of the blob's ${sizeBytes} bytes`);
  }
  return { start, end: Math.min(end, sizeBytes - 1) };
}

async function removeIfOlder(file: string, date: Date): Promise<boolean> {
  const { mtime } = await stat(file).catch(() => ({ mtime: undefined }));
  return mtime !== undefined && mtime < date && (await removeFile(file));
}

async function removeFile(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
