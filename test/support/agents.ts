import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestServer } from './server.ts';

export interface AgentAtWork {
  readonly pid: number;
  /** Of the agent process: its last part is the value of `slipway.instance` on the engine. */
  readonly directory: string;
}

/** A local agent of a server that has a run in its hands. */
export async function agentAtWork(server: TestServer): Promise<AgentAtWork | undefined> {
  const places = path.join(server.data, 'agents');
  for (const place of await readdir(places)) {
    for (const instance of await readdir(path.join(places, place))) {
      const directory = path.join(places, place, instance);
      const files = await readdir(directory).catch(() => []);
      if (files.length < 2) continue;
      const [pid = ''] = (await readFile(path.join(directory, 'pid'), 'utf8')).split(' ');
      return { pid: Number(pid), directory };
    }
  }
  return undefined;
}
