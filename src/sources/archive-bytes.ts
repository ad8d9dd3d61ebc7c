import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { codeOf, invalidArchive, quote } from './errors.ts';
import { RATIO_CHECKED_FROM_BYTES, type SourceLimits } from './limits.ts';

const MAGICS: readonly (readonly [string, readonly number[]])[] = [
  ['a bzip2 stream', [0x42, 0x5a, 0x68]],
  ['an xz stream', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['a zstd stream', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a zip archive', [0x50, 0x4b, 0x03, 0x04]],
];
const GZIP = [0x1f, 0x8b];
const HEAD_BYTES = 6;
const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of the tar in `body`, gunzipped when its first bytes say gzip (RFC 1952), in chunks of at most
 * 64 KiB, and counted against `maxTotalBytes` and `maxRatio`. `entryName` names where the archive stands.
 * @throws ServiceError 400 `InvalidSourceArchive`
 */
export async function* tarBytes(
  body: Readable,
  limits: SourceLimits,
  entryName: () => string | undefined,
): AsyncGenerator<Buffer> {
  let packedBytes = 0;
  let totalBytes = 0;
  const input = counted(body, (bytes) => (packedBytes += bytes));
  const head = await readHead(input);
  if (head.length === 0) throw invalidArchive('the source archive is empty; it must be a tar archive');
  const wrongKind = MAGICS.find(([, magic]) => startsWith(head, magic))?.[0];
  if (wrongKind !== undefined) {
    throw invalidArchive(
      `the source is not a tar archive but ${wrongKind}; it must be a tar archive, plain or gzipped`,
    );
  }
  const whole = prepend(head, input);
  // One chunk late: an entry that passes a limit is refused by its name before; this is for all the rest.
  const check = (): void => {
    if (totalBytes > limits.maxTotalBytes) {
      throw tooBig(entryName(), `more than ${limits.maxTotalBytes} bytes (maxTotalBytes)`);
    }
    if (totalBytes > RATIO_CHECKED_FROM_BYTES && totalBytes > packedBytes * limits.maxRatio) {
      throw tooBig(entryName(), `more than ${limits.maxRatio} times its size (maxRatio)`);
    }
  };
  for await (const chunk of startsWith(head, GZIP) ? gunzip(whole) : whole) {
    check();
    totalBytes += chunk.length;
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) yield chunk.subarray(at, at + CHUNK_BYTES);
  }
  check();
}

function tooBig(name: string | undefined, limit: string) {
  const where = name === undefined ? '' : ` at entry ${quote(name)}`;
  return invalidArchive(`the source archive unpacks to ${limit}${where}`);
}

async function* counted(body: Readable, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    count(chunk.length);
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
}

async function readHead(input: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const next = await input.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* prepend(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

async function* gunzip(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // its error arrives at the reader of `unzip`
  pipeline(packed, unzip, () => undefined);
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (codeOf(error) === 'Z_BUF_ERROR') {
      throw invalidArchive('the source archive is cut off: its gzip stream ends too early', error);
    }
    if (codeOf(error)?.startsWith('Z_')) {
      throw invalidArchive('the source archive is damaged: its gzip stream cannot be unpacked', error);
    }
    throw error;
  }
}

function startsWith(head: Buffer, magic: readonly number[]): boolean {
  return head.length >= magic.length && magic.every((byte, index) => head[index] === byte);
}
