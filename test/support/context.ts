import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const busybox = '/bin/busybox';

/** First lines of a Dockerfile that has a shell without any base image from a network. */
export const busyboxBase = [
  'FROM scratch',
  'COPY busybox /bin/busybox',
  'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
].join('\n');

/** A temporary directory with a static busybox, a Dockerfile and other files; `remove()` it at the end. */
export async function makeContext(
  dockerfile: string,
  files: Record<string, string> = {},
): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-context-'));
  await copyFile(busybox, path.join(directory, 'busybox'));
  for (const [name, text] of Object.entries({ Dockerfile: dockerfile, ...files })) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
