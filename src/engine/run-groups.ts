import { messageOf } from '../model/index.ts';
import { makeControlGroup, type ControlGroup } from './cgroup.ts';
import { belowMachine, limitsObstacle, type BuildLimits } from './limits.ts';

/** The control groups of runs: one is there as long as a build or container of its run holds it. */
export interface RunGroups {
  /** Undefined when there is nothing to hold to, or no way; then `onUnlimited` of the limits hears why. */
  hold(limits: BuildLimits): Promise<HeldGroup | undefined>;
}

export interface HeldGroup {
  readonly group: ControlGroup;
  release(): Promise<void>;
}

export function createRunGroups(host: string): RunGroups {
  const groups = new Map<string, { readonly group: ControlGroup; holders: number }>();
  let turn: Promise<unknown> = Promise.resolve();
  /** One at a time, so that no group is made while the last one of its name goes. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  };
  const release = async (name: string): Promise<void> => {
    const held = groups.get(name);
    if (!held || --held.holders > 0) return;
    groups.delete(name);
    await held.group.remove();
  };
  const hold = async (limits: BuildLimits): Promise<HeldGroup | undefined> => {
    const wanted = belowMachine(limits);
    if (!wanted) return undefined;
    const obstacle = await limitsObstacle(host);
    if (obstacle !== undefined) {
      limits.onUnlimited(obstacle);
      return undefined;
    }
    const name = limits.group;
    const held = groups.get(name) ?? { group: await makeControlGroup(name, wanted), holders: 0 };
    groups.set(name, held);
    held.holders += 1;
    return { group: held.group, release: () => inTurn(() => release(name)) };
  };
  return {
    hold: (limits) =>
      inTurn(() => hold(limits)).catch((error: unknown) => {
        limits.onUnlimited(messageOf(error));
        return undefined;
      }),
  };
}
