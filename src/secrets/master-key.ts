import { randomBytes, randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';

const keyBytes = 32;

/**
 * The key of all sealed texts: `given` (base64, 32 bytes), else read from the file, or made there (mode
 * 0600). It appears under its name only when it is whole, and of two that start at once one wins.
 * @throws Error when the file or `given` holds anything else.
 */
export async function loadMasterKey(file: string, given?: string): Promise<Uint8Array> {
  if (given !== undefined) {
    const key = Buffer.from(given, 'base64');
    if (key.length === keyBytes) return key;
    throw new Error(`SLIPWAY_MASTER_KEY holds ${key.length} bytes; it must be ${keyBytes} bytes in base64`);
  }
  const existing = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (existing === undefined) {
    // Process ids are not enough: two containers that share the directory may both be process 1.
    const draft = `${file}.${randomUUID()}`;
    const handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(randomBytes(keyBytes));
    await handle.sync();
    await handle.close();
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(draft);
    return readFile(file);
  }
  if (existing.length !== keyBytes) {
    throw new Error(
      `${file} is ${existing.length} bytes long; the master key has ${keyBytes}. Restore it from a backup`,
    );
  }
  return existing;
}
