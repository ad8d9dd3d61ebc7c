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
/** What is older, and no program that begins containers, is no step. */
const youngMs = 10_000;

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
  let settled = new Set(await processes());
  let young = new Map<string, number>();
  while (!signal.aborted) {
    const now = performance.now();
    const next = { settled: new Set<string>(), young: new Map<string, number>() };
    for (const pid of await processes()) {
      const seenAt = young.get(pid) ?? now;
      if (settled.has(pid) || (await takeIn(group, mark, pid)) || (await isOther(pid, now - seenAt)))
        next.settled.add(pid);
      else next.young.set(pid, seenAt);
    }
    ({ settled, young } = next);
    await delay(lookEveryMs, undefined, { signal }).catch(() => {});
  }
}

async function processes(): Promise<string[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
}

/** Takes a process in if it carries the mark. @returns whether it does */
async function takeIn(group: ControlGroup, mark: string, pid: string): Promise<boolean> {
  if (!(await read(pid, 'environ')).includes(mark)) return false;
  const isMember = (await read(pid, 'cgroup')).includes(`${group.processPath}\n`);
  if (!isMember) await group.add(Number(pid)).catch(ifGone);
  return true;
}

/**
 * Whether a process without the mark will not carry it later either. A step begins as a program of the engine, under
 * several names, and has no environment for a moment: nothing but time tells it from others.
 */
async function isOther(pid: string, ageMs: number): Promise<boolean> {
  return ageMs > youngMs && !/^(runc|crun|youki)/.test(await read(pid, 'comm'));
}

/** Of a process that is gone there is nothing to read. */
async function read(pid: string, name: 'environ' | 'cgroup' | 'comm'): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
}

function ifGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
}
