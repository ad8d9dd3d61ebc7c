import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';

/** One agent process at its place of work: a directory that holds its pid and the files of its runs. */
export interface AgentInstance {
  readonly instanceId: string;
  /** For files of one run; removed with the instance. */
  readonly directory: string;
  remove(): Promise<void>;
}

/** Makes this process's own directory below `workDirectory`. */
export async function createInstance(workDirectory: string): Promise<AgentInstance> {
  const instanceId = randomUUID();
  const directory = path.join(workDirectory, instanceId);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await open(path.join(directory, 'pid'), 'w', 0o600);
  await file.writeFile(`${process.pid} ${await startTimeOf(process.pid)}`);
  await file.sync();
  await file.close();
  return { instanceId, directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Instances at this place whose process is gone (killed): what they left can be swept. */
export async function findDeadInstances(workDirectory: string): Promise<string[]> {
  const entries = await readdir(workDirectory, { withFileTypes: true }).catch(() => []);
  const dead: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const text = await readFile(path.join(workDirectory, entry.name, 'pid'), 'utf8').catch(() => '');
    const [pid = '', startTime] = text.split(' ');
    if (!/^\d+$/.test(pid) || (await startTimeOf(Number(pid))) !== startTime) dead.push(entry.name);
  }
  return dead;
}

/**
 * Tells a process from a later one with the same pid: when it started, in clock ticks since boot
 * (proc(5), field 22), or where there is no /proc, only that it lives. Undefined when it is gone.
 */
async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return isAlive(pid) ? 'alive' : undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
