import { sql, type Kysely, type Transaction } from 'kysely';
import type { BaseImageDependency, ImageTag } from '../model/index.ts';
import type { Database } from './schema.ts';
import { storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

export type TaskBaseImage = ImageTag & Pick<BaseImageDependency, 'type' | 'digest'>;

/**
 * Makes these what a task stands on, in a transaction that holds the task. An image that is still the same
 * keeps the run that built from it first.
 */
export async function setTaskBaseImages(
  trx: Transaction<Database>,
  registryId: string,
  taskName: string,
  images: readonly TaskBaseImage[],
  runKey: number,
): Promise<void> {
  const place = { registry_id: registryId, task_key: taskName.toLowerCase() };
  const before = await trx
    .deleteFrom('task_base_images')
    .where('registry_id', '=', place.registry_id)
    .where('task_key', '=', place.task_key)
    .returningAll()
    .execute();
  for (const { type, digest = null, ...image } of images) {
    const same = before.find(
      (each) =>
        each.type === type &&
        each.registry === image.registry &&
        each.repository === image.repository &&
        each.tag === image.tag &&
        each.digest === digest,
    );
    await trx
      .insertInto('task_base_images')
      .values({ ...place, type, ...columnsOf(image), digest, since_run_key: same?.since_run_key ?? runKey })
      .onConflict((oc) => oc.doNothing())
      .execute();
  }
}

/** Makes these what a task's last run made, in a transaction that holds the task. */
export async function setTaskOutputImages(
  trx: Transaction<Database>,
  registryId: string,
  taskName: string,
  images: readonly ImageTag[],
): Promise<void> {
  const place = { registry_id: registryId, task_key: taskName.toLowerCase() };
  await trx
    .deleteFrom('task_output_images')
    .where('registry_id', '=', place.registry_id)
    .where('task_key', '=', place.task_key)
    .execute();
  for (const image of images) {
    await trx
      .insertInto('task_output_images')
      .values({ ...place, ...columnsOf(image) })
      .onConflict((oc) => oc.doNothing())
      .execute();
  }
}

/** A task that stands on an image. */
export interface Dependent {
  readonly registryId: string;
  readonly registryName: string;
  readonly taskName: string;
  readonly type: BaseImageDependency['type'];
  /** What it was built from; undefined when that is not known. */
  readonly digest: string | undefined;
  readonly sinceRunKey: number;
  /** With secrets sealed. */
  readonly properties: object;
  readonly lastModifiedBy: string | undefined;
}

/** The tasks that stand on an image, each once; of one that does so in both ways the run-time way counts. */
export async function findDependents(db: Db, image: ImageTag): Promise<Dependent[]> {
  const rows = await db
    .selectFrom('task_base_images as image')
    .innerJoin('tasks', (join) =>
      join
        .onRef('tasks.registry_id', '=', 'image.registry_id')
        .onRef('tasks.name_key', '=', 'image.task_key'),
    )
    .innerJoin('registries', 'registries.registry_id', 'image.registry_id')
    .where('image.registry', '=', image.registry)
    .where('image.repository', '=', image.repository)
    .where('image.tag', '=', image.tag)
    .where('registries.deleting_at', 'is', null)
    .distinctOn(['image.registry_id', 'image.task_key'])
    .select([
      'image.registry_id',
      'registries.name as registry_name',
      'tasks.name as task_name',
      'image.type',
      'image.digest',
      'image.since_run_key',
      'tasks.properties',
      'tasks.system_data',
    ])
    .orderBy('image.registry_id')
    .orderBy('image.task_key')
    .orderBy('image.type', 'desc') // RunTime before BuildTime
    .execute();
  return rows.map((row) => ({
    registryId: row.registry_id,
    registryName: row.registry_name,
    taskName: row.task_name,
    type: row.type,
    digest: row.digest ?? undefined,
    sinceRunKey: row.since_run_key,
    properties: row.properties,
    lastModifiedBy: row.system_data.lastModifiedBy,
  }));
}

/** The images that a task stands on. */
export async function findTaskBaseImages(
  db: Db,
  registryId: string,
  taskName: string,
): Promise<TaskBaseImage[]> {
  const rows = await db
    .selectFrom('task_base_images')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('task_key', '=', taskName.toLowerCase())
    .execute();
  return rows.map(({ type, registry, repository, tag, digest }) => ({
    type,
    registry,
    repository,
    tag,
    ...(digest !== null && { digest }),
  }));
}

/** An image that tasks of a registry stand on, and how looking after it goes. */
export interface BaseImage extends ImageTag {
  /** By name; of a task that stands on it in both ways the run-time way counts. */
  readonly tasks: readonly {
    readonly name: string;
    readonly type: BaseImageDependency['type'];
    /** What it was built from; null when that is not known. */
    readonly digest: string | null;
  }[];
  /** Whether its registry runs here. */
  readonly isHosted: boolean;
  readonly checkedAt: Date | undefined;
  readonly nextCheckAt: Date;
  readonly error: string | undefined;
}

/** The images that the tasks of a registry stand on, by name. */
export async function findBaseImages(db: Db, registryId: string): Promise<BaseImage[]> {
  const { rows } = await sql<
    ImageTag &
      Pick<BaseImage, 'tasks'> & {
        is_hosted: boolean;
        checked_at: Date | null;
        next_check_at: Date;
        last_error: string | null;
      }
  >`
    with used as (
      select distinct on (registry, repository, tag, task_key) registry, repository, tag, name, type, digest
      from task_base_images
        join tasks on (tasks.registry_id, tasks.name_key) = (task_base_images.registry_id, task_base_images.task_key)
      where task_base_images.registry_id = ${registryId}
      order by registry, repository, tag, task_key, type desc) -- RunTime before BuildTime
    select registry, repository, tag, watched.checked_at, watched.next_check_at, watched.last_error,
      registry in (select login_server from registries) as is_hosted,
      json_agg(json_build_object('name', name, 'type', type, 'digest', digest) order by name) as tasks
    from used join watched_images watched using (registry, repository, tag)
    group by registry, repository, tag, watched.checked_at, watched.next_check_at, watched.last_error
    order by registry, repository, tag`.execute(db);
  return rows.map(({ registry, repository, tag, tasks, ...row }) => ({
    registry,
    repository,
    tag,
    tasks,
    isHosted: row.is_hosted,
    checkedAt: row.checked_at ?? undefined,
    nextCheckAt: row.next_check_at,
    error: row.last_error ?? undefined,
  }));
}

/** Where it is not known what a task was built from, it was this. */
export async function adoptDigest(db: Db, image: ImageTag, digest: string): Promise<void> {
  await db
    .updateTable('task_base_images')
    .set({ digest })
    .where('registry', '=', image.registry)
    .where('repository', '=', image.repository)
    .where('tag', '=', image.tag)
    .where('digest', 'is', null)
    .execute();
}

/**
 * What a task should wait for: its own run that an image has started and that has not ended; the task below it,
 * however far, that an image is about to rebuild; or the image below it that was pushed and is not looked at yet.
 * Tasks of one circle do not wait for each other.
 */
export async function findUnsettledBase(
  db: Db,
  registryId: string,
  taskName: string,
): Promise<{ task: string } | { image: string } | { runId: string } | undefined> {
  const taskKey = taskName.toLowerCase();
  const { rows } = await sql<{ task: string | null; image: string | null; run_id: string | null }>`
    with recursive below (registry_id, task_key) as (
      select ${registryId}::uuid, ${taskKey}::text collate "C"
      union
      select made.registry_id, made.task_key
      from below
        join task_base_images base on (base.registry_id, base.task_key) = (below.registry_id, below.task_key)
        join task_output_images made
          on (made.registry, made.repository, made.tag) = (base.registry, base.repository, base.tag)),
    above (registry_id, task_key) as (
      select ${registryId}::uuid, ${taskKey}::text collate "C"
      union
      select base.registry_id, base.task_key
      from above
        join task_output_images made on (made.registry_id, made.task_key) = (above.registry_id, above.task_key)
        join task_base_images base
          on (base.registry, base.repository, base.tag) = (made.registry, made.repository, made.tag)),
    makers as (select * from below except select * from above)
    select null as task, null as image, run_id
    from runs
    where registry_id = ${registryId} and lower(task_name) = ${taskKey}
      and status in ('Queued', 'Started', 'Running') and trigger->>'kind' = 'image'
    union all
    select tasks.name, null, null
    from makers join tasks on (tasks.registry_id, tasks.name_key) = (makers.registry_id, makers.task_key)
    where exists (
        select from deliveries
        where deliveries.registry_id = makers.registry_id and lower(deliveries.task_name) = makers.task_key
          and deliveries.status = 'Pending' and deliveries.trigger->>'kind' = 'image')
      or exists (
        select from runs
        where runs.registry_id = makers.registry_id and lower(runs.task_name) = makers.task_key
          and runs.status in ('Queued', 'Started', 'Running') and runs.trigger->>'kind' = 'image')
    union all
    select null, watched.registry || '/' || watched.repository || ':' || watched.tag, null
    from (select * from makers union select ${registryId}::uuid, ${taskKey}::text) as them
      join task_base_images base on (base.registry_id, base.task_key) = (them.registry_id, them.task_key)
      join watched_images watched
        on (watched.registry, watched.repository, watched.tag) = (base.registry, base.repository, base.tag)
    where watched.first_pushed_at is not null and watched.failures = 0
    limit 1`.execute(db);
  const [found] = rows;
  if (found?.run_id != null) return { runId: found.run_id };
  if (found?.task != null) return { task: found.task };
  return found?.image == null ? undefined : { image: found.image };
}

function columnsOf({ registry, repository, tag }: ImageTag): ImageTag {
  return {
    registry: storableText(registry),
    repository: storableText(repository),
    tag: storableText(tag),
  };
}
