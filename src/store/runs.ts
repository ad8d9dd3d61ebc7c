import {
  sql,
  type ExpressionBuilder,
  type Kysely,
  type Selectable,
  type SqlBool,
  type Transaction,
} from 'kysely';
import { transitionOf, type Run, type RunFilter } from '../model/index.ts';
import { runFilterExpression } from './run-filter.ts';
import type { Database, RunsTable } from './schema.ts';
import { storableJson } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface NewRun extends Pick<
  Run,
  'runType' | 'platform' | 'cpu' | 'timeoutSeconds' | 'isArchiveEnabled' | 'customRegistries' | 'trigger'
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
  readonly requestedBy: string | undefined;
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
      trigger: run.trigger ? storableJson(run.trigger) : null,
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
      requested_by: run.requestedBy ?? null,
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

export async function findRunByKey(db: Db, runKey: number): Promise<Run | undefined> {
  const row = await db.selectFrom('runs').selectAll().where('run_key', '=', runKey).executeTakeFirst();
  return row && toRun(row);
}

/** The key of a run of the registry of that name. */
export async function findRunKey(db: Db, registryName: string, runId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('registries', 'registries.registry_id', 'runs.registry_id')
    .select('runs.run_key')
    .where('registries.name_key', '=', registryName.toLowerCase())
    .where('runs.run_id', '=', runId.toLowerCase())
    .executeTakeFirst();
  return row?.run_key;
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
    ...(row.trigger && { trigger: row.trigger }),
    ...(row.error_message !== null && { runErrorMessage: row.error_message }),
    ...(row.source_registry_auth !== null && { sourceRegistryAuth: row.source_registry_auth }),
    customRegistries: row.custom_registries,
    isCancelRequested: row.cancel_requested_at !== null,
    logSizeBytes: row.log_size_bytes,
    ...(row.log_artifact && { logArtifact: row.log_artifact }),
    ...(row.requested_by !== null && { requestedBy: row.requested_by }),
  };
}
