import { dueOccurrence, nextOccurrence, type Task } from '../../spec/index.ts';
import {
  deleteTimer,
  findTaskName,
  findTimersNow,
  findTimersPauseMs,
  insertDelivery,
  notify,
  setNextOccurrence,
  setTaskTimers,
  takeDueTimers,
  takeDueTimersOf,
  takeTimersSetAhead,
  type TaskTimer,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

type Deps = Pick<ControlDeps, 'store' | 'now'>;
type Transaction = Parameters<typeof setTaskTimers>[0];

/** So many are one transaction: an embedded database waits meanwhile. */
const batch = 20;
const lookAtLeastEveryMs = 1000;
/** A clock that is put right by less than this changes nothing. */
const clockToleranceSeconds = 60;

/**
 * Keeps a task's timers as its properties say, in the transaction that stores the task. Those of a disabled
 * task rest. What was due before the change is fired first: it is decided by the task as it is then.
 */
export async function keepTimers(
  deps: Pick<ControlDeps, 'now'>,
  trx: Transaction,
  registryId: string,
  taskName: string,
  properties: Task['properties'],
): Promise<void> {
  const all = properties.status === 'Enabled' ? (properties.trigger?.timerTriggers ?? []) : [];
  const now = await findTimersNow(trx);
  const due = await takeDueTimersOf(trx, registryId, taskName);
  for (const timer of due) await fire(deps, trx, timer, now);
  if (due.length > 0) await notify(trx, 'delivery', 'any');
  const timers = all.flatMap(({ name, schedule, status }) => {
    const next = status === 'Enabled' ? nextOccurrence(schedule, now) : undefined;
    return next ? [{ name, schedule, nextOccurrence: next }] : [];
  });
  await setTaskTimers(trx, registryId, taskName, timers);
}

/**
 * Turns timers that are due into deliveries: each occurrence is one, also when several servers look at once.
 * Of those that were missed while no server was up only the latest counts. What the time is the database says.
 * @returns how long nothing is due, in milliseconds; at most a second.
 */
export async function fireTimers(deps: Deps): Promise<number> {
  const { db } = deps.store;
  await forAll(deps, (trx) => takeTimersSetAhead(trx, clockToleranceSeconds, batch), setAnew);
  await forAll(
    deps,
    (trx) => takeDueTimers(trx, batch),
    async (trx, timer, now) => fire(deps, trx, timer, now),
  );
  return Math.min(lookAtLeastEveryMs, (await findTimersPauseMs(db)) ?? lookAtLeastEveryMs);
}

/** Does the work for each timer that is taken, a batch in a transaction, until none is left. */
async function forAll(
  { store }: Deps,
  take: (trx: Transaction) => Promise<TaskTimer[]>,
  work: (trx: Transaction, timer: TaskTimer, now: Date) => Promise<boolean>,
): Promise<void> {
  for (let count = batch; count === batch;) {
    count = await store.db.transaction().execute(async (trx) => {
      const taken = await take(trx);
      if (taken.length === 0) return 0;
      const now = await findTimersNow(trx);
      let isAnyDelivered = false;
      for (const timer of taken) isAnyDelivered = (await work(trx, timer, now)) || isAnyDelivered;
      if (isAnyDelivered) await notify(trx, 'delivery', 'any');
      return taken.length;
    });
  }
}

/**
 * Has a timer wait for what comes after now: the clock ran ahead when it was set. What it fired then is not fired
 * again when its time comes, since that delivery is there.
 */
async function setAnew(trx: Transaction, timer: TaskTimer, now: Date): Promise<boolean> {
  const next = nextOccurrence(timer.schedule, now);
  if (next) await setNextOccurrence(trx, timer, next);
  else await deleteTimer(trx, timer);
  return false;
}

/** @returns whether there is a delivery to decide. */
async function fire(
  deps: Pick<ControlDeps, 'now'>,
  trx: Transaction,
  timer: TaskTimer,
  now: Date,
): Promise<boolean> {
  const { registryId, taskKey, name, schedule } = timer;
  const latestBelieved = new Date(now.getTime() + clockToleranceSeconds * 1000);
  const last =
    timer.lastOccurrence && timer.lastOccurrence <= latestBelieved ? timer.lastOccurrence : undefined;
  const due = dueOccurrence(schedule, { next: timer.nextOccurrence, last, now });
  const next = nextOccurrence(schedule, now);
  if (next) await setNextOccurrence(trx, timer, next, due?.at);
  else await deleteTimer(trx, timer);
  if (!due) return false; // the clock was put back and forth: it has been
  const taskName = await findTaskName(trx, registryId, taskKey);
  if (taskName === undefined) return false; // deleted just now
  const scheduleOccurrence = due.at.toISOString();
  const inserted = await insertDelivery(trx, {
    registryId,
    taskName,
    triggerName: name,
    eventKey: `timer ${name} ${scheduleOccurrence}`,
    trigger: {
      kind: 'timer',
      timerTriggerName: name,
      scheduleOccurrence,
      ...(due.count > 1 && { missedOccurrences: due.count - 1 }),
    },
    now: deps.now(),
  });
  return inserted !== undefined;
}
