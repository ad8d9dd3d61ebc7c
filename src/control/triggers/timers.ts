import { lastOccurrence, nextOccurrence, type Task } from '../../spec/index.ts';
import {
  deleteTimer,
  findNextOccurrence,
  findTaskName,
  insertDelivery,
  notify,
  setNextOccurrence,
  setTaskTimers,
  takeDueTimers,
  type TaskTimer,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

/** So many are one transaction: an embedded database waits meanwhile. */
const batch = 20;
const lookAtLeastEveryMs = 1000;

/**
 * Keeps a task's timers as its properties say, in the transaction that stores the task. Those of a disabled
 * task rest.
 */
export async function keepTimers(
  trx: Parameters<typeof setTaskTimers>[0],
  registryId: string,
  taskName: string,
  properties: Task['properties'],
  now: Date,
): Promise<void> {
  const all = properties.status === 'Enabled' ? (properties.trigger?.timerTriggers ?? []) : [];
  const timers = all.flatMap(({ name, schedule, status }) => {
    const next = status === 'Enabled' ? nextOccurrence(schedule, now) : undefined;
    return next ? [{ name, schedule, nextOccurrence: next }] : [];
  });
  await setTaskTimers(trx, registryId, taskName, timers);
}

/**
 * Turns timers that are due into deliveries: each occurrence is one, also when several servers look at once.
 * Of those that were missed while no server was up only the latest counts.
 * @returns how long nothing is due, in milliseconds; at most a second.
 */
export async function fireTimers(deps: ControlDeps): Promise<number> {
  const { db } = deps.store;
  for (let count = batch; count === batch;) {
    count = await db.transaction().execute(async (trx) => {
      const due = await takeDueTimers(trx, deps.now(), batch);
      for (const timer of due) await fire(deps, trx, timer);
      if (due.length > 0) await notify(trx, 'delivery', 'any');
      return due.length;
    });
  }
  const next = await findNextOccurrence(db);
  if (!next) return lookAtLeastEveryMs;
  return Math.min(lookAtLeastEveryMs, Math.max(0, next.getTime() - deps.now().getTime()));
}

async function fire(
  deps: ControlDeps,
  trx: Parameters<typeof setTaskTimers>[0],
  timer: TaskTimer,
): Promise<void> {
  const now = deps.now();
  const { registryId, taskKey, name, schedule } = timer;
  const next = nextOccurrence(schedule, now);
  if (next) await setNextOccurrence(trx, timer, next);
  else await deleteTimer(trx, timer);
  const { at, count } = lastOccurrence(schedule, timer.nextOccurrence, now);
  const taskName = await findTaskName(trx, registryId, taskKey);
  if (taskName === undefined) return; // deleted just now
  await insertDelivery(trx, {
    registryId,
    taskName,
    triggerName: name,
    eventKey: `timer ${name} ${at.toISOString()}`,
    trigger: {
      kind: 'timer',
      timerTriggerName: name,
      scheduleOccurrence: at.toISOString(),
      ...(count > 1 && { missedOccurrences: count - 1 }),
    },
    now,
  });
}
