// What the tests of this room share: a blob service on loopback, with logs that the test writes.
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { BlockBlobClient } from '@azure/storage-blob';
import fastify from 'fastify';
import { openFileBlobStore, signBlobUrl, type BlobPermissions } from '../../blobs/index.ts';
import { blobRoutes, type LogSource } from './index.ts';

const sasKey = Buffer.alloc(32, 7);
const now = new Date('2026-01-01T00:00:00Z');
export const maxUploadBytes = 1024 * 1024;

/** A log in memory: it grows by `append`, and ends with `complete`. */
export function memoryLog() {
  let bytes = Buffer.alloc(0);
  let complete: string | undefined;
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach((each) => each());
  const source: LogSource = {
    head: async (blob) =>
      blob === 'a/rawtext.log' && bytes.length > 0
        ? { sizeBytes: bytes.length, lastModified: now, etag: '"0x1"', ...(complete && { complete }) }
        : undefined,
    read: async function* (_blob, start, end) {
      yield bytes.subarray(start, end + 1);
    },
    waitForChange: (_blob, knownBytes, signal) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!signal.aborted && bytes.length <= knownBytes && complete === undefined) return;
          waiting.delete(look);
          resolve();
        };
        signal.addEventListener('abort', look);
        waiting.add(look);
        look();
      }),
  };
  return {
    source,
    /** How many readers wait at the end of the log. */
    waiting,
    append: (text: string): void => {
      bytes = Buffer.concat([bytes, Buffer.from(text)]);
      wake();
    },
    end: (outcome: string): void => {
      complete = outcome;
      wake();
    },
  };
}

export type BlobService = Awaited<ReturnType<typeof startBlobService>>;

/** The routes over a blob store in a temporary directory, until the test ends. */
export async function startBlobService(t: TestContext, clock: () => Date = () => now) {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-blobs-'));
  const blobs = await openFileBlobStore({ directory });
  const log = memoryLog();
  const logged: string[] = [];
  const app = fastify({
    forceCloseConnections: true,
    logger: { level: 'error', stream: { write: (line) => void logged.push(line) } },
  });
  await app.register(blobRoutes({ blobs, logs: log.source, sasKey, maxUploadBytes, now: clock }));
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(async () => {
    await app.close();
    await rm(directory, { recursive: true });
  });
  const sign = (
    blob: string,
    permissions: BlobPermissions,
    { container = 'uploads', expiresAt = new Date(now.getTime() + 60_000), key = sasKey } = {},
  ): string => signBlobUrl(key, { baseUrl, container, blob, permissions, expiresAt });
  return {
    blobs,
    log,
    baseUrl,
    sasKey,
    sign,
    /** The real client on a signed URL. */
    client: (blob: string, permissions: BlobPermissions, container?: string): BlockBlobClient =>
      new BlockBlobClient(sign(blob, permissions, container === undefined ? {} : { container }), undefined, {
        retryOptions: { maxTries: 1 },
      }),
    /** What the server's log tells as its own fault. */
    faults: (): string[] => logged,
    /** All files of the store, without empty directories. */
    files: async (): Promise<string[]> => {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name));
    },
  };
}

/** Sends bytes as they are, and answers all that comes back until the server closes the connection. */
export async function sendRaw(baseUrl: string, text: string): Promise<string> {
  const { port, hostname } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8').write(text);
  let answer = '';
  socket.on('data', (chunk: string) => (answer += chunk));
  await once(socket, 'close');
  return answer;
}

/** Code and message of an error body. */
export async function errorOf(
  response: Response,
): Promise<{ status: number; code: string; message: string }> {
  const xml = await response.text();
  const [, code = '', message = ''] = /<Error><Code>(.*)<\/Code><Message>([^]*)<\/Message>/.exec(xml) ?? [];
  const header = response.headers.get('x-ms-error-code');
  if (header !== code) throw new Error(`the header says ${header}, the body ${xml}`);
  return { status: response.status, code, message };
}
