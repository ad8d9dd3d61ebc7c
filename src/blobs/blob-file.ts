import { open, type FileHandle } from 'node:fs/promises';
import { ServiceError } from '../model/index.ts';
import type { BlobBody, BlobProperties } from './blob-store.ts';
import { hasCode } from './disk.ts';

/** What a blob's file says of it behind its bytes. */
export interface Trailer {
  readonly container: string;
  readonly blob: string;
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Hash of the block ids that it was made of. */
  readonly blockList?: string;
}

export interface OpenBlobFile {
  readonly handle: FileHandle;
  readonly properties: BlobProperties;
  readonly blockList: string | undefined;
}

// One file holds bytes and properties, so that one rename makes both visible together:
// the bytes | the trailer as JSON | its length, 4 bytes big-endian | the magic, 8 bytes.
const magic = Buffer.from('SLWBLOB1');
const footBytes = 4 + magic.length;

/** Writes all of a body to a new file and syncs it. @throws ServiceError 413 `RequestBodyTooLarge`. */
export async function writeBytes(file: string, body: BlobBody, maxBytes: number): Promise<number> {
  const handle = await open(file, 'wx', 0o600);
  try {
    const sizeBytes = await writeBody(handle, body, maxBytes);
    await handle.sync();
    return sizeBytes;
  } finally {
    await handle.close();
  }
}

/** As `writeBytes`, with the trailer that makes it a blob's file. */
export async function writeBlobFile(
  file: string,
  body: BlobBody,
  maxBytes: number,
  trailer: Trailer,
): Promise<BlobProperties> {
  const handle = await open(file, 'wx+', 0o600);
  try {
    await writeBody(handle, body, maxBytes);
    const json = Buffer.from(JSON.stringify(trailer));
    const foot = Buffer.alloc(footBytes);
    foot.writeUInt32BE(json.length);
    magic.copy(foot, 4);
    await handle.writeFile(Buffer.concat([json, foot]));
    await handle.sync();
    return (await readTrailer(handle, file)).properties;
  } finally {
    await handle.close();
  }
}

/** Opens a blob's file; undefined when there is none. The caller closes the handle. */
export async function openBlobFile(file: string): Promise<OpenBlobFile | undefined> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    return { handle, ...(await readTrailer(handle, file)) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readTrailer(handle: FileHandle, file: string): Promise<Omit<OpenBlobFile, 'handle'>> {
  const { size, mtime } = await handle.stat();
  const foot = await readAt(handle, size - footBytes, footBytes);
  const jsonBytes = foot?.readUInt32BE() ?? 0;
  const json = await readAt(handle, size - footBytes - jsonBytes, jsonBytes);
  if (!foot?.subarray(4).equals(magic) || !json) throw new Error(`the blob file ${file} is damaged`);
  const trailer = JSON.parse(json.toString('utf8')) as Trailer; // the magic says that writeBlobFile wrote it
  const { etag, contentType, metadata, blockList } = trailer;
  const sizeBytes = size - footBytes - jsonBytes;
  return { properties: { etag, lastModified: mtime, sizeBytes, contentType, metadata }, blockList };
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  if (position < 0) return undefined;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return bytesRead === length ? buffer : undefined;
}

async function writeBody(handle: FileHandle, body: BlobBody, maxBytes: number): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    await handle.writeFile(chunk); // goes on where the last one ended
  }
  return sizeBytes;
}

export function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError(
    413,
    'RequestBodyTooLarge',
    `the upload is larger than the limit of ${maxBytes} bytes; leave out what is not needed, or have the limit raised`,
  );
}
