// What the tests of this room share.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pack, type Pack } from 'tar-stream';
import { ServiceError } from '../model/index.ts';

/** A directory that goes when the test ends. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-sources-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export type TarHeader = Parameters<Pack['entry']>[0];
export type TarMember = TarHeader & { readonly content?: string };

export async function tarOf(members: readonly TarMember[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of members) tar.entry(header, content ?? '');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Overwrites bytes of the first header and mends its checksum. */
export function patchHeader(tar: Buffer, at: number, bytes: string): Buffer {
  const patched = Buffer.from(tar);
  patched.write(bytes, at, 'latin1');
  patched.fill(' ', 148, 156);
  const sum = patched.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  patched.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return patched;
}

/** The archive as it comes over a wire, in pieces. */
export async function* streamOf(bytes: Uint8Array, pieceBytes = 16 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
  }
}

/** For `assert.rejects`: this code, and a message that fits. */
export function serviceError(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code !== code || !message.test(error.message) || error.statusCode !== 400) throw error;
    if (error.target !== 'sourceLocation' || error.message.includes('\n')) throw error;
    return true;
  };
}

/** An http server on a port of its own, closed when the test ends. */
export async function serve(
  t: TestContext,
  listener: RequestListener,
): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return { url: `http://127.0.0.1:${port}`, server };
}
