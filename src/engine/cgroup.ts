import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunLimits } from '../model/index.ts';

/** A group of processes that together take no more of the machine than they may (cgroups(7)). */
export interface ControlGroup {
  /** As `/proc/{pid}/cgroup` shows it. */
  readonly path: string;
  /** Takes a process in, and with it those that it starts from then on. */
  add(pid: number): Promise<void>;
  /** Goes once its processes have ended; one that stays is used again under its name. */
  remove(): Promise<void>;
}

const root = '/sys/fs/cgroup';
const parent = 'slipway';
const periodMicroseconds = 100_000;

/** Makes the group, or gives the one of that name these limits. @throws what the kernel says. */
export async function makeControlGroup(name: string, limits: RunLimits): Promise<ControlGroup> {
  const groupPath = `/${parent}/${name}`;
  const directories = (await isUnified())
    ? await makeUnified(name, limits)
    : await makeByController(name, limits);
  return {
    path: groupPath,
    async add(pid) {
      for (const each of directories) await writeFile(path.join(each, 'cgroup.procs'), `${pid}`);
    },
    async remove() {
      for (const each of directories) await rmdir(each).catch(() => {}); // its last processes are ending
    },
  };
}

/** Why groups cannot be made here; undefined when they can. */
export async function controlGroupObstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'only Linux has control groups';
  const directories = (await isUnified()) ? [root] : ['memory', 'cpu'].map((each) => path.join(root, each));
  for (const each of directories) {
    const isWritable = await access(each, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (!isWritable) return `${each} is not writable: run the agent as root, on the machine itself`;
  }
  const isEngineSeen = await findProcess('dockerd');
  return isEngineSeen ? undefined : 'the processes of the Docker engine cannot be seen from here';
}

async function findProcess(comm: string): Promise<boolean> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    if ((await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === comm) return true;
  }
  return false;
}

/** Version 2: one tree for all controllers. */
function isUnified(): Promise<boolean> {
  return access(path.join(root, 'cgroup.controllers')).then(
    () => true,
    () => false,
  );
}

async function makeUnified(name: string, { cpu, memoryBytes }: RunLimits): Promise<string[]> {
  const directory = path.join(root, parent, name);
  await mkdir(directory, { recursive: true });
  for (const each of [root, path.join(root, parent)]) {
    await writeFile(path.join(each, 'cgroup.subtree_control'), '+cpu +memory');
  }
  const quota = cpu === undefined ? 'max' : Math.round(cpu * periodMicroseconds);
  await writeFile(path.join(directory, 'cpu.max'), `${quota} ${periodMicroseconds}`);
  await writeFile(path.join(directory, 'memory.max'), `${memoryBytes ?? 'max'}`);
  await writeFile(path.join(directory, 'memory.swap.max'), memoryBytes === undefined ? 'max' : '0').catch(
    () => {}, // a kernel without swap accounting
  );
  return [directory];
}

/** Version 1: a tree for each controller. */
async function makeByController(name: string, { cpu, memoryBytes }: RunLimits): Promise<string[]> {
  const [memory = '', processor = ''] = ['memory', 'cpu'].map((each) => path.join(root, each, parent, name));
  await mkdir(memory, { recursive: true });
  await mkdir(processor, { recursive: true });
  const withSwap = path.join(memory, 'memory.memsw.limit_in_bytes');
  await writeFile(withSwap, '-1').catch(() => {}); // a kernel without swap accounting
  await writeFile(path.join(memory, 'memory.limit_in_bytes'), `${memoryBytes ?? -1}`);
  await writeFile(withSwap, `${memoryBytes ?? -1}`).catch(() => {});
  const quota = cpu === undefined ? -1 : Math.round(cpu * periodMicroseconds);
  await writeFile(path.join(processor, 'cpu.cfs_period_us'), `${periodMicroseconds}`);
  await writeFile(path.join(processor, 'cpu.cfs_quota_us'), `${quota}`);
  return [memory, processor];
}
