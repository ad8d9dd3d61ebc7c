import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { must, type TestServer } from './server.ts';

export interface AgentAtWork {
  readonly pid: number;
  /** Of the agent process: its last part is the value of `slipway.instance` on the engine. */
  readonly directory: string;
}

/** A local agent of a server that has a run in its hands. */
export async function agentAtWork(server: TestServer): Promise<AgentAtWork | undefined> {
  for (const place of await agentDirectories(server)) {
    for (const instance of await readdir(place)) {
      const directory = path.join(place, instance);
      const files = await readdir(directory).catch(() => []);
      if (files.length < 2) continue;
      const [pid = ''] = (await readFile(path.join(directory, 'pid'), 'utf8')).split(' ');
      return { pid: Number(pid), directory };
    }
  }
  return undefined;
}

/** Where the local agents of a server work: a directory each. */
export async function agentDirectories(server: TestServer): Promise<string[]> {
  const places = path.join(server.data, 'agents');
  return (await readdir(places)).map((place) => path.join(places, place));
}

/** The names of the containers and networks on the engine of agents that work in these directories. */
export async function namesOnEngine(docker: string, directories: readonly string[]): Promise<string[]> {
  const instances = (await Promise.all(directories.map((directory) => readdir(directory)))).flat();
  const lists = await Promise.all(
    instances.flatMap((instance) => {
      const filter = ['--filter', `label=slipway.instance=${instance}`];
      return [
        must(docker, ['ps', '--all', '--format', '{{.Names}}', ...filter]),
        must(docker, ['network', 'ls', '--format', '{{.Name}}', ...filter]),
      ];
    }),
  );
  return lists.flatMap((list) => list.split('\n').filter(Boolean));
}
