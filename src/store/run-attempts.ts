import { sql, type Kysely, type Transaction } from 'kysely';
import {
  eventEndingIn,
  transitionOf,
  type FinalRunStatus,
  type ImageDescriptor,
  type Run,
  type RunDependencies,
} from '../model/index.ts';
import { toRun } from './runs.ts';
import type { Database } from './schema.ts';
import { storableJson, storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** Who holds a run: the agent and the attempt that it was given. */
export interface LeaseHolder {
  readonly runKey: number;
  readonly attempt: number;
  readonly agentId: string;
}

export interface ClaimedRun {
  readonly run: Run;
  readonly request: object;
}

/** Gives a run of that queue to an agent as its next attempt; undefined when it no longer waits there. */
export async function claimRun(
  trx: Transaction<Database>,
  queueName: string,
  runKey: number,
  agentId: string,
  leaseSeconds: number,
  now: Date,
): Promise<ClaimedRun | undefined> {
  const { from, to } = transitionOf('claim');
  const row = await trx
    .updateTable('runs')
    .set((eb) => ({
      status: to,
      agent_id: agentId,
      attempt: eb('attempt', '+', 1),
      attempt_log_start: eb.ref('log_size_bytes'),
      start_time: now,
      last_updated_time: now,
      lease_until: leaseEnd(leaseSeconds),
    }))
    .where('run_key', '=', runKey)
    .where('queue_name', '=', queueName)
    .where('status', 'in', from)
    .returningAll()
    .executeTakeFirst();
  return row && { run: toRun(row), request: row.request };
}

/** The run that an agent was given but has not begun to work on; its lease begins anew. */
export async function findStartedRun(
  db: Db,
  agentId: string,
  leaseSeconds: number,
): Promise<ClaimedRun | undefined> {
  const row = await db
    .updateTable('runs')
    .set({ lease_until: leaseEnd(leaseSeconds) })
    .where('agent_id', '=', agentId)
    .where('status', '=', transitionOf('claim').to)
    .returningAll()
    .executeTakeFirst();
  return row && { run: toRun(row), request: row.request };
}

/**
 * Extends the holder's lease: its agent is at work, so the run is `Running` from the first time on.
 * Undefined when the run is not (or no longer) theirs.
 */
export async function extendLease(
  db: Db,
  holder: LeaseHolder,
  leaseSeconds: number,
): Promise<{ isCancelRequested: boolean } | undefined> {
  const begins = transitionOf('start');
  const isBeginning = sql`status in (${sql.join(begins.from)})`;
  const row = await db
    .updateTable('runs')
    .set({
      status: begins.to,
      last_updated_time: sql<Date>`case when ${isBeginning} then now() else last_updated_time end`,
      lease_until: leaseEnd(leaseSeconds),
    })
    .where('run_key', '=', holder.runKey)
    .where('attempt', '=', holder.attempt)
    .where('agent_id', '=', holder.agentId)
    .where('status', 'in', transitionOf('lose').from)
    .returning('cancel_requested_at')
    .executeTakeFirst();
  return row && { isCancelRequested: row.cancel_requested_at !== null };
}

export interface Outcome {
  readonly status: FinalRunStatus;
  readonly errorMessage: string | undefined;
  readonly outputImages: readonly ImageDescriptor[];
  readonly dependencies: readonly RunDependencies[];
}

/**
 * Ends a run, once. With a holder only if the run is theirs; without one (the service itself decides)
 * only if it is at `attempt`. Undefined when it was not so.
 */
export async function endRun(
  db: Db,
  runKey: number,
  guard: { attempt: number; agentId?: string },
  outcome: Outcome,
  now: Date,
): Promise<Run | undefined> {
  const { from, to } = transitionOf(eventEndingIn(outcome.status));
  const { agentId } = guard;
  const row = await db
    .updateTable('runs')
    .set({
      status: to,
      error_message: outcome.errorMessage === undefined ? null : storableText(outcome.errorMessage),
      output_images: storableJson(outcome.outputImages),
      dependencies: storableJson(outcome.dependencies),
      finish_time: now,
      last_updated_time: now,
      lease_until: null,
    })
    .where('run_key', '=', runKey)
    .where('attempt', '=', guard.attempt)
    .$if(agentId !== undefined, (query) => query.where('agent_id', '=', agentId ?? ''))
    .where('status', 'in', from)
    .returningAll()
    .executeTakeFirst();
  return row && toRun(row);
}

/** Whether the holder's attempt is the one by which the run ended: a repeated report of theirs. */
export async function isEndedBy(db: Db, holder: LeaseHolder): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('run_key')
    .where('run_key', '=', holder.runKey)
    .where('attempt', '=', holder.attempt)
    .where('agent_id', '=', holder.agentId)
    .where('finish_time', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes a run from an agent that lost it: back to `Queued`, if it is still at that attempt. */
export async function requeueRun(
  trx: Transaction<Database>,
  run: Pick<Run, 'runKey' | 'attempt'>,
  now: Date,
): Promise<{ queueName: string } | undefined> {
  const { from, to } = transitionOf('lose');
  const row = await trx
    .updateTable('runs')
    .set({ status: to, agent_id: null, lease_until: null, start_time: null, last_updated_time: now })
    .where('run_key', '=', run.runKey)
    .where('attempt', '=', run.attempt)
    .where('status', 'in', from)
    .returning('queue_name')
    .executeTakeFirst();
  return row && { queueName: row.queue_name };
}

/** The run that an agent holds; undefined when it is not (or no longer) theirs. */
export async function findHeldRun(db: Db, holder: LeaseHolder): Promise<Run | undefined> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('run_key', '=', holder.runKey)
    .where('attempt', '=', holder.attempt)
    .where('agent_id', '=', holder.agentId)
    .where('status', 'in', transitionOf('lose').from)
    .executeTakeFirst();
  return row && toRun(row);
}

/** Remembers that a run is to be canceled; undefined when it has ended already. */
export async function requestCancel(db: Db, runKey: number, now: Date): Promise<Run | undefined> {
  const row = await db
    .updateTable('runs')
    .set((eb) => ({
      cancel_requested_at: eb.fn.coalesce('cancel_requested_at', eb.val(now)),
      last_updated_time: now,
    }))
    .where('run_key', '=', runKey)
    .where('status', 'in', transitionOf('cancel').from)
    .returningAll()
    .executeTakeFirst();
  return row && toRun(row);
}

/** Runs whose agent was silent past its lease, or works on past the run's timeout and a minute. */
export async function findLostRuns(db: Db, limit: number): Promise<Run[]> {
  const rows = await db
    .selectFrom('runs')
    .selectAll()
    .where('status', 'in', transitionOf('lose').from)
    .where((eb) =>
      eb.or([
        eb('lease_until', '<', sql<Date>`now()`),
        eb('start_time', '<', sql<Date>`now() - (timeout_seconds + 60) * interval '1 second'`),
      ]),
    )
    .orderBy('lease_until')
    .limit(limit)
    .execute();
  return rows.map(toRun);
}

/** Ends the leases of agents that are known to be dead, so that their runs count as lost at once. */
export async function expireLeasesOf(db: Db, instanceIds: readonly string[]): Promise<void> {
  if (instanceIds.length === 0) return;
  await db
    .updateTable('runs')
    .set({ lease_until: sql<Date>`now() - interval '1 second'` })
    .where('status', 'in', transitionOf('lose').from)
    .where('agent_id', 'in', (eb) =>
      eb.selectFrom('agents').select('agent_id').where('instance_id', 'in', instanceIds),
    )
    .execute();
}

/** After the server was away: its agents could not report, so each lease is given its full length anew. */
export async function renewLeases(db: Db, leaseSeconds: number): Promise<void> {
  await db
    .updateTable('runs')
    .set({ lease_until: leaseEnd(leaseSeconds) })
    .where('status', 'in', transitionOf('lose').from)
    .execute();
}

function leaseEnd(leaseSeconds: number) {
  return sql<Date>`now() + ${leaseSeconds} * interval '1 second'`;
}
