import type { Kysely, Selectable, Transaction } from 'kysely';
import type { BaseImageDependency, SystemData, TaskIdentity } from '../model/index.ts';
import type { Database, TasksTable } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** What a client decides about a task, as it is kept. */
export interface TaskSettings {
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly identity?: TaskIdentity;
  /** With secrets sealed. */
  readonly properties: object;
  readonly systemData: SystemData;
}

export interface StoredTask extends TaskSettings {
  readonly registryId: string;
  readonly name: string;
  readonly baseImageDependencies: readonly BaseImageDependency[];
  readonly creationDate: Date;
}

/** Answers undefined when the registry has a task of that name. */
export async function insertTask(
  db: Db,
  registryId: string,
  name: string,
  settings: TaskSettings,
): Promise<StoredTask | undefined> {
  const row = await db
    .insertInto('tasks')
    .values({ registry_id: registryId, name, name_key: name.toLowerCase(), ...columnsOf(settings) })
    .onConflict((oc) => oc.columns(['registry_id', 'name_key']).doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toTask(row);
}

/** The task, which nobody else changes until the transaction ends. */
export async function lockTask(
  trx: Transaction<Database>,
  registryId: string,
  name: string,
): Promise<StoredTask | undefined> {
  const row = await selectTask(trx, registryId, name).forUpdate().executeTakeFirst();
  return row && toTask(row);
}

/** Changes a task that `lockTask` holds. */
export async function updateTaskRow(
  trx: Transaction<Database>,
  task: StoredTask,
  settings: TaskSettings,
): Promise<StoredTask> {
  const row = await trx
    .updateTable('tasks')
    .set(columnsOf(settings))
    .where('registry_id', '=', task.registryId)
    .where('name_key', '=', task.name.toLowerCase())
    .returningAll()
    .executeTakeFirstOrThrow();
  return toTask(row);
}

export async function findTask(db: Db, registryId: string, name: string): Promise<StoredTask | undefined> {
  const row = await selectTask(db, registryId, name).executeTakeFirst();
  return row && toTask(row);
}

/** A task's name as it is spelt. */
export async function findTaskName(db: Db, registryId: string, taskKey: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('tasks')
    .select('name')
    .where('registry_id', '=', registryId)
    .where('name_key', '=', taskKey)
    .executeTakeFirst();
  return row?.name;
}

/** By name; `after` is the name after which the page starts. */
export async function findTasks(
  db: Db,
  registryId: string,
  page: { after: string | undefined; limit: number },
): Promise<StoredTask[]> {
  const { after, limit } = page;
  const rows = await db
    .selectFrom('tasks')
    .selectAll()
    .where('registry_id', '=', registryId)
    .$if(after !== undefined, (query) => query.where('name_key', '>', (after ?? '').toLowerCase()))
    .orderBy('name_key')
    .limit(limit)
    .execute();
  return rows.map(toTask);
}

export async function deleteTaskRow(db: Db, registryId: string, name: string): Promise<boolean> {
  const row = await db
    .deleteFrom('tasks')
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase())
    .returning('name_key')
    .executeTakeFirst();
  return row !== undefined;
}

/** Remembers what a run of the task found; false when the task is gone. Holds the task until the transaction ends. */
export async function setBaseImageDependencies(
  db: Db,
  registryId: string,
  name: string,
  dependencies: readonly BaseImageDependency[],
): Promise<boolean> {
  const row = await db
    .updateTable('tasks')
    .set({ base_image_dependencies: JSON.stringify(dependencies) })
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase())
    .returning('name_key')
    .executeTakeFirst();
  return row !== undefined;
}

const selectTask = (db: Db, registryId: string, name: string) =>
  db
    .selectFrom('tasks')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase());

function columnsOf({ location, tags, identity, properties, systemData }: TaskSettings) {
  return {
    location,
    tags: JSON.stringify(tags),
    identity: identity ? JSON.stringify(identity) : null,
    properties: JSON.stringify(properties),
    system_data: JSON.stringify(systemData),
  };
}

function toTask(row: Selectable<TasksTable>): StoredTask {
  return {
    registryId: row.registry_id,
    name: row.name,
    location: row.location,
    tags: row.tags,
    ...(row.identity && { identity: row.identity }),
    properties: row.properties,
    baseImageDependencies: row.base_image_dependencies,
    systemData: row.system_data,
    creationDate: row.creation_date,
  };
}
