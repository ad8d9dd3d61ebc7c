import type { Kysely, Transaction } from 'kysely';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface TaskTimer {
  readonly registryId: string;
  readonly taskKey: string;
  readonly name: string;
  readonly schedule: string;
  readonly nextOccurrence: Date;
}

/**
 * Makes these the timers of a task that the transaction holds. One whose schedule is unchanged keeps its next
 * occurrence, so that a change of something else neither repeats nor leaves out one.
 */
export async function setTaskTimers(
  trx: Transaction<Database>,
  registryId: string,
  taskName: string,
  timers: readonly Pick<TaskTimer, 'name' | 'schedule' | 'nextOccurrence'>[],
): Promise<void> {
  const taskKey = taskName.toLowerCase();
  const names = timers.map(({ name }) => name);
  await trx
    .deleteFrom('task_timers')
    .where('registry_id', '=', registryId)
    .where('task_key', '=', taskKey)
    .$if(names.length > 0, (query) => query.where('name', 'not in', names))
    .execute();
  for (const { name, schedule, nextOccurrence } of timers) {
    await trx
      .insertInto('task_timers')
      .values({ registry_id: registryId, task_key: taskKey, name, schedule, next_occurrence: nextOccurrence })
      .onConflict((oc) =>
        oc
          .columns(['registry_id', 'task_key', 'name'])
          .doUpdateSet({ schedule, next_occurrence: nextOccurrence })
          .where('task_timers.schedule', '!=', schedule),
      )
      .execute();
  }
}

/** Timers that are due, which nobody else takes until the transaction ends. */
export async function takeDueTimers(
  trx: Transaction<Database>,
  now: Date,
  limit: number,
): Promise<TaskTimer[]> {
  const rows = await trx
    .selectFrom('task_timers')
    .selectAll()
    .where('next_occurrence', '<=', now)
    .orderBy('next_occurrence')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => ({
    registryId: row.registry_id,
    taskKey: row.task_key,
    name: row.name,
    schedule: row.schedule,
    nextOccurrence: row.next_occurrence,
  }));
}

export async function setNextOccurrence(
  trx: Transaction<Database>,
  { registryId, taskKey, name }: TaskTimer,
  nextOccurrence: Date,
): Promise<void> {
  await trx
    .updateTable('task_timers')
    .set({ next_occurrence: nextOccurrence })
    .where('registry_id', '=', registryId)
    .where('task_key', '=', taskKey)
    .where('name', '=', name)
    .execute();
}

/** A timer that never comes again. */
export async function deleteTimer(
  trx: Transaction<Database>,
  { registryId, taskKey, name }: TaskTimer,
): Promise<void> {
  await trx
    .deleteFrom('task_timers')
    .where('registry_id', '=', registryId)
    .where('task_key', '=', taskKey)
    .where('name', '=', name)
    .execute();
}

/** When the next timer is due; undefined when there is none. */
export async function findNextOccurrence(db: Db): Promise<Date | undefined> {
  const row = await db
    .selectFrom('task_timers')
    .select('next_occurrence')
    .orderBy('next_occurrence')
    .limit(1)
    .executeTakeFirst();
  return row?.next_occurrence;
}
