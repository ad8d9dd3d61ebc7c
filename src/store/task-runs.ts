import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Run, SystemData } from '../model/index.ts';
import { toRun } from './runs.ts';
import type { Database, RunsTable } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** What a client decides about a task run, with the secrets of its request sealed. */
export interface TaskRunSettings {
  readonly location: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly identity: object | undefined;
  readonly runRequest: object;
  readonly forceUpdateTag: string | undefined;
  readonly systemData: SystemData;
}

export interface StoredTaskRun extends TaskRunSettings {
  readonly name: string;
  readonly principalId: string;
  readonly isUpdate: boolean;
  readonly revision: number;
  /** The run that it began last; undefined when that was purged. */
  readonly run: Run | undefined;
}

/** Makes a task run without a run; false when the name is taken. */
export async function insertTaskRun(
  trx: Transaction<Database>,
  registryId: string,
  taskRun: TaskRunSettings & { readonly name: string; readonly principalId: string },
): Promise<boolean> {
  const row = await trx
    .insertInto('task_runs')
    .values({
      ...columnsOf(taskRun),
      registry_id: registryId,
      name: taskRun.name,
      name_key: taskRun.name.toLowerCase(),
      principal_id: taskRun.principalId,
      is_update: false,
    })
    .onConflict((oc) => oc.columns(['registry_id', 'name_key']).doNothing())
    .returning('name_key')
    .executeTakeFirst();
  return row !== undefined;
}

/** Changes a task run that is still at `revision`; false when it was changed or deleted meanwhile. */
export async function changeTaskRun(
  db: Db,
  registryId: string,
  { name, principalId, revision }: Pick<StoredTaskRun, 'name' | 'principalId' | 'revision'>,
  settings: TaskRunSettings,
): Promise<boolean> {
  const row = await db
    .updateTable('task_runs')
    .set({ ...columnsOf(settings), revision: revision + 1 })
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase())
    .where('principal_id', '=', principalId) // not one made anew under the same name
    .where('revision', '=', revision)
    .returning('name_key')
    .executeTakeFirst();
  return row !== undefined;
}

/** Makes `runKey` the run of a task run, in the transaction that made or changed it. */
export async function setRunOfTaskRun(
  trx: Transaction<Database>,
  registryId: string,
  name: string,
  { runKey, isUpdate }: { runKey: number; isUpdate: boolean },
): Promise<void> {
  await trx
    .updateTable('task_runs')
    .set({ run_key: runKey, is_update: isUpdate })
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase())
    .execute();
}

/** Deletes a task run; undefined when it is not there. */
export async function deleteTaskRunRow(
  db: Db,
  registryId: string,
  name: string,
): Promise<{ runKey: number | null } | undefined> {
  const row = await db
    .deleteFrom('task_runs')
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase())
    .returning('run_key')
    .executeTakeFirst();
  return row && { runKey: row.run_key };
}

/** A task run with its run, as that is now. */
export async function findTaskRun(
  db: Db,
  registryId: string,
  name: string,
): Promise<StoredTaskRun | undefined> {
  const row = await withRun(db, registryId)
    .where('task_runs.name_key', '=', name.toLowerCase())
    .executeTakeFirst();
  return row && toTaskRun(row);
}

/** By name, those that follow `after`. */
export async function listTaskRuns(
  db: Db,
  registryId: string,
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<StoredTaskRun[]> {
  const rows = await withRun(db, registryId)
    .where('task_runs.name_key', '>', after.toLowerCase())
    .orderBy('task_runs.name_key')
    .limit(limit)
    .execute();
  return rows.map(toTaskRun);
}

function columnsOf(settings: TaskRunSettings) {
  const { location, tags, identity, runRequest, forceUpdateTag, systemData } = settings;
  return {
    location: location ?? null,
    tags: tags ? JSON.stringify(tags) : null,
    identity: identity ? JSON.stringify(identity) : null,
    run_request: JSON.stringify(runRequest),
    force_update_tag: forceUpdateTag ?? null,
    system_data: JSON.stringify(systemData),
  };
}

const withRun = (db: Db, registryId: string) =>
  db
    .selectFrom('task_runs')
    .leftJoin('runs', 'runs.run_key', 'task_runs.run_key')
    .selectAll('runs')
    .select(['task_runs.name', 'task_runs.location', 'task_runs.tags', 'task_runs.identity'])
    .select(['task_runs.principal_id', 'task_runs.run_request', 'task_runs.force_update_tag'])
    .select(['task_runs.system_data', 'task_runs.is_update', 'task_runs.revision'])
    .where('task_runs.registry_id', '=', registryId);

type Row = Awaited<ReturnType<ReturnType<typeof withRun>['executeTakeFirstOrThrow']>>;

function toTaskRun(row: Row): StoredTaskRun {
  return {
    name: row.name,
    location: row.location ?? undefined,
    tags: row.tags ?? undefined,
    identity: row.identity ?? undefined,
    principalId: row.principal_id,
    runRequest: row.run_request,
    forceUpdateTag: row.force_update_tag ?? undefined,
    systemData: row.system_data,
    isUpdate: row.is_update,
    revision: row.revision,
    // The join found a run, so its columns are all there.
    run: row.run_key === null ? undefined : toRun(row as unknown as Selectable<RunsTable>),
  };
}
