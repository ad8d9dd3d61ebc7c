import {
  sql,
  type ExpressionBuilder,
  type Kysely,
  type Selectable,
  type SqlBool,
  type Transaction,
} from 'kysely';
import {
  transitionOf,
  type FinalRunStatus,
  type ImageDescriptor,
  type Run,
  type RunDependencies,
  type RunFilter,
  eventEndingIn,
} from '../model/index.ts';
import { runFilterExpression } from './run-filter.ts';
import type { Database, RunsTable } from './schema.ts';
import { storableJson, storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface NewRun extends Pick<
  Run,
  'runType' | 'platform' | 'cpu' | 'timeoutSeconds' | 'isArchiveEnabled' | 'customRegistries'
> {
  readonly registryId: string;
  readonly runId: string;
  readonly queueName: string;
  readonly agentPoolName: string | undefined;
  readonly taskName: string | undefined;
  readonly sourceRegistryAuth: string | undefined;
  /** The request with its secrets sealed. */
  readonly request: object;
  readonly logTemplate: string | undefined;
  readonly now: Date;
}

/** The number of a registry's next run; the row's lock makes it growing and free of gaps. */
export async function nextRunNumber(trx: Transaction<Database>, registryId: string): Promise<number> {
  const row = await trx
    .updateTable('registries')
    .set((eb) => ({ run_counter: eb('run_counter', '+', 1) }))
    .where('registry_id', '=', registryId)
    .returning('run_counter')
    .executeTakeFirstOrThrow();
  return row.run_counter;
}

export async function insertRun(trx: Transaction<Database>, run: NewRun): Promise<Run> {
  const row = await trx
    .insertInto('runs')
    .values({
      registry_id: run.registryId,
      run_id: run.runId,
      status: 'Queued',
      run_type: run.runType,
      queue_name: run.queueName,
      agent_pool_name: run.agentPoolName ?? null,
      task_name: run.taskName ?? null,
      request: JSON.stringify(run.request),
      platform: JSON.stringify(run.platform),
      cpu: run.cpu,
      timeout_seconds: run.timeoutSeconds,
      create_time: run.now,
      last_updated_time: run.now,
      is_archive_enabled: run.isArchiveEnabled,
      source_registry_auth: run.sourceRegistryAuth ?? null,
      custom_registries: JSON.stringify(run.customRegistries),
      output_images: '[]',
      dependencies: '[]',
      log_template: run.logTemplate ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toRun(row);
}

export async function findRun(db: Db, registryId: string, runId: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('run_id', '=', runId.toLowerCase())
    .executeTakeFirst();
  return row && toRun(row);
}

/** Newest first; `before` is the run key after which the page starts. */
export async function listRuns(
  db: Db,
  registryId: string,
  page: { filter: RunFilter | undefined; before: number | undefined; limit: number },
): Promise<Run[]> {
  const { filter, before, limit } = page;
  const rows = await db
    .selectFrom('runs')
    .selectAll()
    // Were it `=`, PostgreSQL would drop the registry from the order and might walk the primary key instead,
    // through the newer runs of all other registries.
    .where(sql<SqlBool>`registry_id = any(array[${registryId}::uuid])`)
    .$if(before !== undefined, (query) => query.where('run_key', '<', before ?? 0))
    .$if(filter !== undefined, (query) =>
      query.where((eb: ExpressionBuilder<Database, 'runs'>) =>
        filter ? runFilterExpression(eb, filter) : eb.lit(true),
      ),
    )
    .orderBy('registry_id')
    .orderBy('run_key', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRun);
}

export async function setArchiveEnabled(
  db: Db,
  runKey: number,
  isArchiveEnabled: boolean,
  now: Date,
): Promise<Run | undefined> {
  const row = await db
    .updateTable('runs')
    .set({ is_archive_enabled: isArchiveEnabled, last_updated_time: now })
    .where('run_key', '=', runKey)
    .returningAll()
    .executeTakeFirst();
  return row && toRun(row);
}

/** How many runs wait in the same queue before this one. */
export async function countQueuedBefore(db: Db, run: Run): Promise<number> {
  const row = await db
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'Queued')
    .where('run_key', '<', run.runKey)
    .where('queue_name', '=', (eb) =>
      eb.selectFrom('runs as this').select('this.queue_name').where('this.run_key', '=', run.runKey),
    )
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

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

/** How many runs wait in a queue. */
export async function countQueued(db: Db, queueName: string): Promise<number> {
  const row = await db
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'Queued')
    .where('queue_name', '=', queueName)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The runs of a queue that are with an agent. */
export async function findRunsUnderWay(db: Db, queueName: string): Promise<Run[]> {
  const rows = await db
    .selectFrom('runs')
    .selectAll()
    .where('status', 'in', transitionOf('lose').from)
    .where('queue_name', '=', queueName)
    .execute();
  return rows.map(toRun);
}

/** Sends the waiting runs of a pool to the queue of the default pool, in their order; answers them. */
export async function moveQueuedRuns(
  trx: Transaction<Database>,
  queueName: string,
  toQueueName: string,
): Promise<Run[]> {
  const rows = await trx
    .updateTable('runs')
    .set({ queue_name: toQueueName, agent_pool_name: null })
    .where('status', '=', 'Queued')
    .where('queue_name', '=', queueName)
    .returningAll()
    .execute();
  return rows.map(toRun).sort((one, other) => one.runKey - other.runKey);
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

export function toRun(row: Selectable<RunsTable>): Run {
  return {
    runKey: row.run_key,
    registryId: row.registry_id,
    runId: row.run_id,
    status: row.status,
    runType: row.run_type,
    attempt: row.attempt,
    createTime: row.create_time,
    ...(row.start_time && { startTime: row.start_time }),
    ...(row.finish_time && { finishTime: row.finish_time }),
    lastUpdatedTime: row.last_updated_time,
    ...(row.agent_pool_name !== null && { agentPoolName: row.agent_pool_name }),
    platform: row.platform,
    cpu: row.cpu,
    timeoutSeconds: row.timeout_seconds,
    outputImages: row.output_images,
    dependencies: row.dependencies,
    isArchiveEnabled: row.is_archive_enabled,
    ...(row.task_name !== null && { taskName: row.task_name }),
    ...(row.error_message !== null && { runErrorMessage: row.error_message }),
    ...(row.source_registry_auth !== null && { sourceRegistryAuth: row.source_registry_auth }),
    customRegistries: row.custom_registries,
    isCancelRequested: row.cancel_requested_at !== null,
    logSizeBytes: row.log_size_bytes,
    ...(row.log_artifact && { logArtifact: row.log_artifact }),
  };
}
