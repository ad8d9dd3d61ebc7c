import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The files below a directory that hold one of the texts. */
export async function filesThatHold(directory: string, ...texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(file).catch(() => Buffer.alloc(0)); // it has gone
    if (texts.some((text) => bytes.includes(text))) found.push(file);
  }
  return found;
}

/** Command lines of all processes of this machine that hold one of the texts. */
export async function commandLinesThatHold(...texts: readonly string[]): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => texts.some((text) => line.includes(text)));
}
