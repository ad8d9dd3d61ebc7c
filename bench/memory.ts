import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { command, type TestServer } from '../test/support/server.ts';

/** Resident memory in MB of a server and of what it started, by their roles. */
export type Memory = Readonly<Record<string, number>>;

export async function memoryOf(server: TestServer): Promise<Memory> {
  const children = await command('pgrep', ['-P', `${server.pid}`]);
  const found: Record<string, number> = {};
  for (const pid of [server.pid, ...children.stdout.trim().split('\n').map(Number)]) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const role = line.find((word) => ['server', 'agent', 'serve'].includes(word)) ?? 'process';
    found[role === 'serve' ? 'registry' : role] = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }
  return found;
}

/** Looks ten times a second until it is stopped. @returns the most that each took. */
export function watchMemory(server: TestServer): { stop(): Promise<Memory> } {
  const most: Record<string, number> = {};
  const stopped = new AbortController();
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      for (const [role, megabytes] of Object.entries(await memoryOf(server))) {
        most[role] = Math.max(most[role] ?? 0, megabytes);
      }
      await delay(100, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  const watching = watch();
  return {
    async stop() {
      stopped.abort();
      await watching;
      return most;
    },
  };
}
