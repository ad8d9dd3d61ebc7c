import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunLimits } from '../model/index.ts';

/** A group of processes that together take no more of the machine than they may (cgroups(7)). */
export interface ControlGroup {
  /** Below which an engine may put containers. */
  readonly path: string;
  /** Where the processes are that it takes in, as `/proc/{pid}/cgroup` shows it. */
  readonly processPath: string;
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
  const isOneTree = await isUnified();
  // version 2: where there are groups below, there are no processes
  const processPath = isOneTree ? `${groupPath}/builds` : groupPath;
  const trees = await (isOneTree ? makeUnified(groupPath, limits) : makeByController(groupPath, limits));
  for (const tree of trees) await mkdir(path.join(tree, processPath), { recursive: true });
  return {
    path: groupPath,
    processPath,
    async add(pid) {
      for (const tree of trees) await writeFile(path.join(tree, processPath, 'cgroup.procs'), `${pid}`);
    },
    async remove() {
      // containers have the group made in the trees of other controllers too
      const all = isOneTree ? trees : (await readdir(root)).map((tree) => path.join(root, tree));
      for (const tree of all) {
        for (const each of new Set([processPath, groupPath])) {
          await rmdir(path.join(tree, each)).catch(() => {}); // not there, or its last processes are ending
        }
      }
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

async function makeUnified(groupPath: string, { cpu, memoryBytes }: RunLimits): Promise<string[]> {
  const directory = path.join(root, groupPath);
  await mkdir(directory, { recursive: true });
  for (const each of [root, path.join(root, parent), directory]) {
    await writeFile(path.join(each, 'cgroup.subtree_control'), '+cpu +memory');
  }
  const quota = cpu === undefined ? 'max' : Math.round(cpu * periodMicroseconds);
  await writeFile(path.join(directory, 'cpu.max'), `${quota} ${periodMicroseconds}`);
  await writeFile(path.join(directory, 'memory.max'), `${memoryBytes ?? 'max'}`);
  await writeFile(path.join(directory, 'memory.swap.max'), memoryBytes === undefined ? 'max' : '0').catch(
    () => {}, // a kernel without swap accounting
  );
  return [root];
}

/** Version 1: a tree for each controller. */
async function makeByController(groupPath: string, { cpu, memoryBytes }: RunLimits): Promise<string[]> {
  const trees = ['memory', 'cpu'].map((each) => path.join(root, each));
  const [memory = '', processor = ''] = trees.map((tree) => path.join(tree, groupPath));
  await mkdir(memory, { recursive: true });
  await mkdir(processor, { recursive: true });
  const withSwap = path.join(memory, 'memory.memsw.limit_in_bytes');
  await writeFile(withSwap, '-1').catch(() => {}); // a kernel without swap accounting
  await writeFile(path.join(memory, 'memory.limit_in_bytes'), `${memoryBytes ?? -1}`);
  await writeFile(withSwap, `${memoryBytes ?? -1}`).catch(() => {});
  const quota = cpu === undefined ? -1 : Math.round(cpu * periodMicroseconds);
  await writeFile(path.join(processor, 'cpu.cfs_period_us'), `${periodMicroseconds}`);
  await writeFile(path.join(processor, 'cpu.cfs_quota_us'), `${quota}`);
  return trees;
}
