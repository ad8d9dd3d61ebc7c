import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../model/index.ts';
import type { BlobProperties, BlobStore } from './blob-store.ts';
import { checkNames } from './names.ts';

/**
 * Blobs as files: `{container}/{blob}` below `data`, what is being written below `parts`. A blob comes to
 * its name by a rename after its bytes are on the disk.
 */
export async function openFileBlobStore({ directory }: { directory: string }): Promise<BlobStore> {
  const data = path.join(directory, 'data');
  const parts = path.join(directory, 'parts');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await mkdir(parts, { recursive: true, mode: 0o700 });
  await sweepParts(parts);

  const fileOf = (container: string, blob: string): string => {
    checkNames(container, blob);
    return path.join(data, container, blob);
  };
  const blocksOf = (container: string, blob: string): string => {
    checkNames(container, blob);
    return path.join(parts, `blocks-${createHash('sha256').update(`${container}/${blob}`).digest('hex')}`);
  };
  const head = async (container: string, blob: string): Promise<BlobProperties | undefined> => {
    const found = await stat(fileOf(container, blob), { bigint: true }).catch(ifMissing);
    if (!found?.isFile()) return undefined;
    return {
      sizeBytes: Number(found.size),
      lastModified: found.mtime,
      etag: `"0x${found.ino.toString(16)}${found.mtimeNs.toString(16)}"`,
    };
  };
  const settle = async (draft: string, container: string, blob: string): Promise<BlobProperties> => {
    const file = fileOf(container, blob);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await rename(draft, file);
    const properties = await head(container, blob);
    if (!properties) throw new Error(`${container}/${blob} was removed while it was put`);
    return properties;
  };
  return {
    head,
    async put(container, blob, body, { maxBytes }) {
      fileOf(container, blob);
      const draft = path.join(parts, randomUUID());
      await writeDraft(draft, body, maxBytes);
      return settle(draft, container, blob);
    },
    async putBlock(container, blob, blockId, body, { maxBytes }) {
      const folder = blocksOf(container, blob);
      const draft = path.join(parts, randomUUID());
      await writeDraft(draft, body, maxBytes);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(draft, path.join(folder, blockFile(blockId)));
    },
    async commitBlocks(container, blob, blockIds, { maxBytes }) {
      const folder = blocksOf(container, blob);
      const files = blockIds.map((id) => path.join(folder, blockFile(id)));
      for (const [index, file] of files.entries()) {
        if (await stat(file).catch(ifMissing)) continue;
        throw new ServiceError(
          400,
          'InvalidBlockList',
          `block ${JSON.stringify(blockIds[index])} was not put`,
        );
      }
      const draft = path.join(parts, randomUUID());
      await writeDraft(draft, concatenate(files), maxBytes);
      const properties = await settle(draft, container, blob);
      await rm(folder, { recursive: true, force: true });
      return properties;
    },
    async openRead(container, blob, range) {
      const file = fileOf(container, blob);
      if (await head(container, blob)) return createReadStream(file, range);
      throw new ServiceError(404, 'BlobNotFound', 'the specified blob does not exist');
    },
    async remove(container, blob) {
      await rm(fileOf(container, blob), { force: true });
    },
  };
}

/** Parts of uploads that a killed server left; blocks may still be committed for a day. */
async function sweepParts(parts: string): Promise<void> {
  const aDayAgo = Date.now() - 24 * 3600 * 1000;
  for (const name of await readdir(parts)) {
    const file = path.join(parts, name);
    const isOld = ((await stat(file).catch(ifMissing))?.mtimeMs ?? 0) < aDayAgo;
    if (!name.startsWith('blocks-') || isOld) await rm(file, { recursive: true, force: true });
  }
}

/** Block ids are any base64 text: as a file name they go by their hash. */
function blockFile(blockId: string): string {
  return createHash('sha256').update(blockId).digest('hex');
}

async function* concatenate(files: readonly string[]): AsyncIterable<Uint8Array> {
  for (const file of files) yield* createReadStream(file) as AsyncIterable<Uint8Array>;
}

/** Writes the bytes to the disk itself; when that fails, or they are too many, nothing stays. */
async function writeDraft(file: string, body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      await handle.writeFile(chunk);
    }
    await handle.sync();
    await handle.close();
  } catch (error) {
    await handle.close();
    await rm(file, { force: true });
    throw error;
  }
}

function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError(
    413,
    'RequestBodyTooLarge',
    `the blob is larger than ${maxBytes} bytes; leave what the build does not need out of the context ` +
      '(.dockerignore), or start the server with a larger --max-upload',
  );
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
