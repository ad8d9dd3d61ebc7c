import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, type RunLimits } from '../model/index.ts';
import type { ValuedArgument } from './build-arguments.ts';
import { controlGroupObstacle, type ControlGroup } from './cgroup.ts';
import type { RunGroups } from './run-groups.ts';

export interface BuildLimits extends RunLimits {
  /** Name of the group that the run's processes form: one for each agent of a machine. */
  readonly group: string;
  /** Hears why builds cannot be held to the limits; they go on without. */
  readonly onUnlimited: (reason: string) => void;
}

const lookEveryMs = 20;

/** Why an engine's builds cannot be held to limits; undefined when they can. */
export async function limitsObstacle(host: string): Promise<string | undefined> {
  if (!host.startsWith('unix://')) return `the engine ${host} is on another machine`;
  return controlGroupObstacle();
}

/** The limits that are below what the machine has; undefined when none is. */
export function belowMachine({ cpu, memoryBytes }: RunLimits): RunLimits | undefined {
  const isCpuBelow = cpu !== undefined && cpu < os.availableParallelism();
  const isMemoryBelow = memoryBytes !== undefined && memoryBytes < os.totalmem();
  if (!isCpuBelow && !isMemoryBelow) return undefined;
  return { ...(isCpuBelow && { cpu }), ...(isMemoryBelow && { memoryBytes }) };
}

/**
 * Performs a build whose steps together take no more than the limits, as far as the machine is larger.
 *
 * BuildKit in a Docker engine has no limits of its own: `--memory`, `--cpu-quota` and, up to version 20.10,
 * `--cgroup-parent` are accepted and ignored. So a step's processes are told by a mark in their environment
 * and put into a control group as soon as they are there. The mark is a host in NO_PROXY, which names no
 * host that anybody asks for, and which BuildKit leaves out of its cache keys.
 * @param work is given the build arguments to use.
 */
export async function withLimits<T>(
  groups: RunGroups,
  limits: BuildLimits | undefined,
  given: readonly ValuedArgument[],
  work: (buildArguments: readonly ValuedArgument[]) => Promise<T>,
): Promise<T> {
  const held = limits && (await groups.hold(limits));
  if (!limits || !held) return work(given);
  const mark = `${limits.group}.slipway.invalid`;
  const ended = new AbortController();
  const gathering = gather(held.group, mark, ended.signal).catch((error: unknown) =>
    limits.onUnlimited(messageOf(error)),
  );
  try {
    return await work(withMark(given, mark));
  } finally {
    ended.abort();
    await gathering;
    await held.release();
  }
}

function withMark(given: readonly ValuedArgument[], mark: string): readonly ValuedArgument[] {
  const isNoProxy = ({ name }: ValuedArgument): boolean => name.toUpperCase() === 'NO_PROXY';
  if (!given.some(isNoProxy)) return [...given, { name: 'NO_PROXY', value: mark }];
  return given.map((each) =>
    isNoProxy(each) && typeof each.value === 'string' ? { ...each, value: `${each.value},${mark}` } : each,
  );
}

/** Takes new processes that carry the mark into the group, until the signal aborts. */
async function gather(group: ControlGroup, mark: string, signal: AbortSignal): Promise<void> {
  let known = new Set(await processes());
  while (!signal.aborted) {
    const present = await processes();
    const next = new Set(present);
    for (const pid of present) {
      if (!known.has(pid) && !(await isSettled(group, mark, pid))) next.delete(pid); // looks again next time
    }
    known = next;
    await delay(lookEveryMs, undefined, { signal }).catch(() => {});
  }
}

async function processes(): Promise<string[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
}

/** Takes a process in if it carries the mark. False for one that may carry it later: it begins a container. */
async function isSettled(group: ControlGroup, mark: string, pid: string): Promise<boolean> {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  if ((await read('environ')).includes(mark)) {
    const isMember = (await read('cgroup')).includes(`${group.processPath}\n`);
    if (!isMember) await group.add(Number(pid)).catch(ifGone);
    return true;
  }
  return !/^(runc|crun|youki)/.test(await read('comm'));
}

function ifGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
}
