import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pack, type Header } from 'tar-stream';

/** A tar.gz of exactly these entries, hostile ones included. */
export async function archiveOf(
  entries: readonly (Partial<Header> & { name: string } & { body?: string | Buffer })[],
): Promise<Buffer> {
  const tar = pack();
  const bytes = buffer(tar);
  for (const { body = '', ...header } of entries) {
    tar.entry({ ...header, size: Buffer.byteLength(body) }, body);
  }
  tar.finalize();
  return gzipSync(await bytes);
}

/** A tar.gz of a flat directory. */
export async function archiveOfDirectory(directory: string): Promise<Buffer> {
  const names = await readdir(directory);
  const entries = names.map(async (name) => ({
    name,
    mode: 0o755,
    body: await readFile(path.join(directory, name)),
  }));
  return archiveOf(await Promise.all(entries));
}
