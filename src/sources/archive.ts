import { Readable } from 'node:stream';
import { extract, type Extract } from 'tar-stream';
import { ServiceError } from '../model/index.ts';
import { tarBytes } from './archive-bytes.ts';
import { readEntry, refusal } from './archive-entry.ts';
import { createTree } from './archive-tree.ts';
import { createWriter } from './archive-writer.ts';
import { prepareDirectory } from './directory.ts';
import { codeOf, invalidArchive } from './errors.ts';
import { withDefaults, type SourceLimits } from './limits.ts';

export interface FetchArchiveOptions {
  /** Defaults: see `SourceLimits`. */
  readonly limits?: Partial<SourceLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Headers that may stand before one entry; a name or target takes at most a few KiB. */
const MAX_HEADER_BYTES = 256 * 1024;
/** After so many entries other work gets its turn. */
const ENTRIES_PER_TURN = 256;
// tars from before POSIX have no magic; tar-stream's types do not know the option
const PARSER_OPTIONS = { allowUnknownFormat: true, highWaterMark: 16 * 1024 };
const ZEROS = Buffer.alloc(64 * 1024); // as long as the longest chunk

/**
 * Unpacks a tar archive, plain or gzipped, into `directory` (made if need be; must be empty). Files keep their
 * permission bits and times, directories too (their owner keeps rwx); owners are not kept. Symbolic links must
 * lead to a place in the archive, hard links to an earlier file; of two files with one name the later wins.
 * After an error the directory holds leftovers, nothing is outside it, and the caller removes it.
 * @throws ServiceError 400 `InvalidSourceArchive` for what is no tar, is cut off, is refused or passes a limit
 */
export async function fetchArchive(
  body: AsyncIterable<Uint8Array>,
  directory: string,
  options: FetchArchiveOptions = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const limits = withDefaults(options.limits);
  const tree = createTree(limits);
  const writer = createWriter(await prepareDirectory(directory), tree);
  const source = body instanceof Readable ? body : Readable.from(body);
  const parser = extract(PARSER_OPTIONS);
  const progress: Progress = { name: undefined, headerBytes: 0, contentEnd: 0 };
  const stop = (reason: unknown) => {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    parser.destroy(error);
    source.destroy(error);
  };
  const onAbort = () => stop(signal?.reason);
  source.on('error', () => undefined); // whoever reads it gets the error
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort(); // while the directory was made
  trackEntries(parser, progress);
  feed(
    parser,
    tarBytes(source, limits, () => progress.name),
    progress,
  ).catch(stop);
  try {
    await writeEntries(parser, limits, writer);
    signal?.throwIfAborted();
    writer.finish();
  } catch (error) {
    stop(error);
    signal?.throwIfAborted();
    throw explain(error, progress.name);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

interface Progress {
  name: string | undefined;
  headerBytes: number;
  contentEnd: number;
}

function trackEntries(parser: Extract, progress: Progress): void {
  parser.on('entry', (header) => {
    progress.name = header.name;
    progress.headerBytes = 0;
    // tar-stream tells where the content starts; its types do not
    const start = 'byteOffset' in header ? Number(header.byteOffset) : 0;
    progress.contentEnd = start + header.size;
  });
}

async function writeEntries(
  parser: Extract,
  limits: SourceLimits,
  writer: ReturnType<typeof createWriter>,
): Promise<void> {
  let entries = 0;
  let contentBytes = 0;
  for await (const content of parser) {
    const entry = readEntry(content.header, limits);
    if (entry.type === 'file') {
      contentBytes += entry.sizeBytes;
      if (contentBytes > limits.maxTotalBytes) {
        throw refusal(
          entry.name,
          `brings the total to ${contentBytes} bytes; the limit is ${limits.maxTotalBytes} (maxTotalBytes)`,
        );
      }
    } else if (entry.type !== 'directory') {
      content.resume(); // a link has no use for content
    }
    // a Source yields what was pushed into the parser: buffers
    await writer.write(entry, content as AsyncIterable<Buffer>);
    if (++entries % ENTRIES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Pushes the archive into the parser at the parser's pace. */
async function feed(parser: Extract, chunks: AsyncIterable<Buffer>, progress: Progress): Promise<void> {
  let wake: () => void = () => undefined;
  parser.on('drain', () => wake());
  parser.on('close', () => wake());
  let position = 0;
  for await (const chunk of chunks) {
    if (parser.destroyed) return;
    if (position > progress.contentEnd && !isZero(chunk)) {
      progress.headerBytes += chunk.length;
      // endless pax headers would be kept, and merged, in memory
      if (progress.headerBytes > MAX_HEADER_BYTES) {
        throw invalidArchive(
          `the source archive has more than ${MAX_HEADER_BYTES} bytes of headers in a row`,
        );
      }
    }
    position += chunk.length;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    if (!parser.write(chunk)) await woken;
  }
  parser.end(undefined);
}

function isZero(chunk: Buffer): boolean {
  return chunk.equals(ZEROS.subarray(0, chunk.length));
}

/** tar-stream, zlib and the file system have words of their own for what the archive did. */
function explain(error: unknown, entryName: string | undefined): unknown {
  if (error instanceof ServiceError || !(error instanceof Error)) return error;
  if (/^Invalid( tar)? header|^Header exceeds/.test(error.message)) {
    return entryName === undefined
      ? invalidArchive('the source is not a tar archive; it must be a tar archive, plain or gzipped', error)
      : refusal(entryName, 'is followed by something that is not a tar header: the archive is damaged');
  }
  if (error.message === 'Unexpected end of data') {
    return entryName === undefined
      ? invalidArchive('the source is not a tar archive, or is cut off in its first header', error)
      : refusal(entryName, 'is the last one that can be read: the archive is cut off');
  }
  if (codeOf(error) === 'ENAMETOOLONG' && entryName !== undefined) {
    return refusal(entryName, 'has a name that is too long for the file system');
  }
  return error;
}
