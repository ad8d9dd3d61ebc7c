import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { Database, TaskTimersTable } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface TaskTimer {
  readonly registryId: string;
  readonly taskKey: string;
  readonly name: string;
  readonly schedule: string;
  readonly nextOccurrence: Date;
  /** That became a delivery last. */
  readonly lastOccurrence?: Date;
}

/**
 * The time at which a transaction began, by the database's clock: timers go by this one, since those of servers
 * differ.
 */
export async function findTimersNow(trx: Transaction<Database>): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select now()`.execute(trx);
  return rows[0]?.now ?? fail();
}

function fail(): never {
  throw new Error('the database does not tell the time');
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
          .doUpdateSet({ schedule, next_occurrence: nextOccurrence, set_at: sql<Date>`now()` })
          .where('task_timers.schedule', '!=', schedule),
      )
      .execute();
  }
}

/** Timers that are due by the database's clock, which nobody else takes until the transaction ends. */
export async function takeDueTimers(trx: Transaction<Database>, limit: number): Promise<TaskTimer[]> {
  const rows = await trx
    .selectFrom('task_timers')
    .selectAll()
    .where('next_occurrence', '<=', sql<Date>`now()`)
    .orderBy('next_occurrence')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(toTimer);
}

/** The same of one task; it waits for who has them just now. */
export async function takeDueTimersOf(
  trx: Transaction<Database>,
  registryId: string,
  taskName: string,
): Promise<TaskTimer[]> {
  const rows = await trx
    .selectFrom('task_timers')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('task_key', '=', taskName.toLowerCase())
    .where('next_occurrence', '<=', sql<Date>`now()`)
    .forUpdate()
    .execute();
  return rows.map(toTimer);
}

/**
 * Timers whose next occurrence was computed when the database's clock was later than now by more than that: it ran
 * ahead. Nobody else takes them until the transaction ends.
 */
export async function takeTimersSetAhead(
  trx: Transaction<Database>,
  toleranceSeconds: number,
  limit: number,
): Promise<TaskTimer[]> {
  const rows = await trx
    .selectFrom('task_timers')
    .selectAll()
    .where('set_at', '>', sql<Date>`now() + ${toleranceSeconds} * interval '1 second'`)
    .orderBy('set_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(toTimer);
}

/** @param fired the occurrence that became a delivery; undefined when none did. */
export async function setNextOccurrence(
  trx: Transaction<Database>,
  { registryId, taskKey, name }: TaskTimer,
  nextOccurrence: Date,
  fired?: Date,
): Promise<void> {
  await trx
    .updateTable('task_timers')
    .set({
      next_occurrence: nextOccurrence,
      set_at: sql<Date>`now()`,
      ...(fired && { last_occurrence: fired }),
    })
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

/** How long until the next timer is due, in milliseconds; undefined when there is none. */
export async function findTimersPauseMs(db: Db): Promise<number | undefined> {
  const row = await db
    .selectFrom('task_timers')
    .select(sql<number>`(extract(epoch from next_occurrence - now()) * 1000)::float8`.as('pause_ms'))
    .orderBy('next_occurrence')
    .limit(1)
    .executeTakeFirst();
  return row && Math.max(0, row.pause_ms);
}

function toTimer(row: Selectable<TaskTimersTable>): TaskTimer {
  return {
    registryId: row.registry_id,
    taskKey: row.task_key,
    name: row.name,
    schedule: row.schedule,
    nextOccurrence: row.next_occurrence,
    ...(row.last_occurrence && { lastOccurrence: row.last_occurrence }),
  };
}
