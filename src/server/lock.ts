import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../model/index.ts';

/**
 * Makes sure that one server at a time works on a data directory: PGlite allows no second one.
 * A lock whose process is gone (killed) is taken over.
 */
export async function lockDataDirectory(directory: string): Promise<() => Promise<void>> {
  const file = path.join(directory, 'server.pid');
  for (;;) {
    try {
      await writeFile(file, `${process.pid}`, { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (await isServer(pid)) {
      throw new ServiceError(
        409,
        'DataDirectoryInUse',
        `a slipway server (pid ${pid}) already uses ${directory}; stop it first, or give another --data`,
      );
    }
    await rm(file, { force: true });
  }
}

/** Whether that process lives and is a server of ours, not another program that was given its pid. */
async function isServer(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined || commandLine.split('\0').includes('server');
}
