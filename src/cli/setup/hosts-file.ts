import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../model/index.ts';
import { say } from './say.ts';

const hostsFile = '/etc/hosts';

/** The lines of the hosts file; none where it cannot be read. */
export async function readHosts(): Promise<string[]> {
  const text = await readFile(hostsFile, 'utf8').catch(() => '');
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Adds a line, unless it is there. @throws ServiceError 403 `HostsNotWritable` that says what to run by hand */
export async function addToHosts(line: string): Promise<void> {
  const remedy = `echo '${line}' | sudo tee -a ${hostsFile}`;
  await edit(remedy, (lines) => {
    if (lines.includes(line)) return lines;
    say(`${hostsFile}: adding "${line}"`);
    return [...lines, line];
  });
}

/** Removes the lines that end with a mark. @throws ServiceError 403 `HostsNotWritable` that says what to run by hand */
export async function removeFromHosts(mark: string): Promise<void> {
  await edit(`sudo sed -i '/${mark}$/d' ${hostsFile}`, (lines) => {
    const left = lines.filter((line) => !line.endsWith(mark));
    if (left.length < lines.length) say(`${hostsFile}: removing the line of slipway`);
    return left;
  });
}

async function edit(remedy: string, change: (lines: string[]) => string[]): Promise<void> {
  await inTurn(async () => {
    const lines = await readHosts();
    const changed = change(lines);
    if (changed.length === lines.length) return;
    try {
      await overwrite(`${changed.join('\n')}\n`);
    } catch (error) {
      const message = `${hostsFile} cannot be written; run this, then try again:\n  ${remedy}`;
      throw new ServiceError(403, 'HostsNotWritable', message, { cause: error });
    }
  });
}

/** In place, and never empty: resolvers read it at any moment, and in containers it cannot be replaced. */
async function overwrite(text: string): Promise<void> {
  const file = await open(hostsFile, 'r+');
  try {
    const { bytesWritten } = await file.write(text, 0);
    await file.truncate(bytesWritten);
  } finally {
    await file.close();
  }
}

/** Commands in other shells edit it, too. Who listens on this name of Linux has the turn, until it ends. */
async function inTurn(work: () => Promise<void>): Promise<void> {
  if (process.platform !== 'linux') return work();
  const turn = createServer();
  while (!(await listens(turn, '\0slipway-hosts-file'))) await delay(20);
  try {
    await work();
  } finally {
    turn.close();
  }
}

async function listens(server: Server, name: string): Promise<boolean> {
  try {
    await once(server.listen(name), 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}
