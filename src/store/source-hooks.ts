import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { ProviderType, SourceHook } from '../model/index.ts';
import type { Database, SourceHooksTable } from './schema.ts';
import { storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface WantedHook {
  /** Of a hook that is made; one that stays keeps its own. */
  readonly hookId: string;
  /** Sealed, as `hookId`. */
  readonly secret: string;
  readonly triggerName: string;
  readonly providerType: ProviderType;
  readonly repositoryUrl: string;
  /** Sealed. */
  readonly token?: string;
  /** Whether the provider is to be told. */
  readonly isToBeRegistered: boolean;
}

/**
 * Makes these the hooks of a task that the transaction holds. One whose repository stays the same keeps its
 * URL and secret, and one that is registered is looked for at the provider. Those that are no longer wanted answer
 * nobody from now on.
 */
export async function setSourceHooks(
  trx: Transaction<Database>,
  registryId: string,
  taskName: string,
  wanted: readonly WantedHook[],
  now: Date,
): Promise<void> {
  const ofTask = { registry_id: registryId, task_key: taskName.toLowerCase() };
  const present = await findSourceHooks(trx, registryId, taskName);
  const isSame = (one: WantedHook, other: SourceHook): boolean =>
    one.triggerName === other.triggerName &&
    one.repositoryUrl === other.repositoryUrl &&
    one.providerType === other.providerType;
  for (const hook of present) {
    if (!wanted.some((each) => isSame(each, hook))) await dropHook(trx, hook, now);
  }
  for (const hook of wanted) {
    const token = hook.token ?? null;
    const before = present.find((each) => isSame(hook, each));
    const registration = hook.isToBeRegistered ? 'Pending' : 'Manual';
    const nextTryAt = hook.isToBeRegistered ? now : null;
    if (before) {
      await trx
        .updateTable('source_hooks')
        .set({
          token,
          tries: 0,
          next_try_at: nextTryAt,
          ...(before.registration !== 'Registered' && { registration, registration_error: null }),
        })
        .where('hook_id', '=', before.hookId)
        .execute();
      continue;
    }
    await trx
      .insertInto('source_hooks')
      .values({
        ...ofTask,
        hook_id: hook.hookId,
        trigger_name: storableText(hook.triggerName),
        source_control_type: hook.providerType,
        repository_url: storableText(hook.repositoryUrl),
        secret: hook.secret,
        token,
        registration,
        next_try_at: nextTryAt,
      })
      .execute();
  }
}

/** What the provider was never told of leaves nothing behind. */
async function dropHook(trx: Transaction<Database>, hook: SourceHook, now: Date): Promise<void> {
  if (hook.registration === 'Manual' || hook.token === undefined) {
    await deleteSourceHook(trx, hook.hookId);
    return;
  }
  await trx
    .updateTable('source_hooks')
    .set({ is_gone: true, tries: 0, next_try_at: now })
    .where('hook_id', '=', hook.hookId)
    .execute();
}

/** Leaves of the hooks of a registry that is deleted in the same transaction those that providers know of. */
export async function dropHooksOfRegistry(
  trx: Transaction<Database>,
  registryId: string,
  now: Date,
): Promise<void> {
  const rows = await trx
    .selectFrom('source_hooks')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('is_gone', '=', false)
    .execute();
  for (const row of rows) await dropHook(trx, toHook(row), now);
}

/** The hooks of a task's triggers, by the triggers' names. */
export async function findSourceHooks(db: Db, registryId: string, taskName: string): Promise<SourceHook[]> {
  const rows = await db
    .selectFrom('source_hooks')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('task_key', '=', taskName.toLowerCase())
    .where('is_gone', '=', false)
    .orderBy('trigger_name')
    .execute();
  return rows.map(toHook);
}

/** The hook with its task as it is now; undefined when the hook, its task or its registry is gone. */
export async function findHookWithTask(
  db: Db,
  hookId: string,
): Promise<{ hook: SourceHook; taskName: string; properties: object } | undefined> {
  const row = await db
    .selectFrom('source_hooks')
    .innerJoin('tasks', (join) =>
      join
        .onRef('tasks.registry_id', '=', 'source_hooks.registry_id')
        .onRef('tasks.name_key', '=', 'source_hooks.task_key'),
    )
    .innerJoin('registries', 'registries.registry_id', 'source_hooks.registry_id')
    .selectAll('source_hooks')
    .select(['tasks.name', 'tasks.properties'])
    .where('hook_id', '=', hookId)
    .where('is_gone', '=', false)
    .where('registries.deleting_at', 'is', null)
    .executeTakeFirst();
  return row && { hook: toHook(row), taskName: row.name, properties: row.properties };
}

/**
 * Takes hooks: `new` are those that a provider is to be told of or to forget, `known` those that it should have. They
 * are this caller's until `until`, or until it says how that went. Meanwhile nobody else asks the provider, so that it
 * has each hook once.
 */
export async function takeDueHooks(
  db: Db,
  which: 'new' | 'known',
  now: Date,
  until: Date,
  limit: number,
): Promise<(SourceHook & { isGone: boolean })[]> {
  const rows = await db
    .updateTable('source_hooks')
    .set((eb) => ({ taken_until: until, tries: eb('tries', '+', 1) }))
    .where('hook_id', 'in', (eb) =>
      eb
        .selectFrom('source_hooks')
        .select('hook_id')
        .where((where) =>
          which === 'new'
            ? where.or([where('is_gone', '=', true), where('registration', '=', 'Pending')])
            : where.and([where('is_gone', '=', false), where('registration', '=', 'Registered')]),
        )
        .where('next_try_at', '<=', now)
        .where((or) => or.or([or('taken_until', 'is', null), or('taken_until', '<=', now)]))
        .orderBy('next_try_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute();
  return rows.map((row) => ({ ...toHook(row), isGone: row.is_gone }));
}

/**
 * Says how the registration of a hook stands that was taken, and gives it back. When it was changed meanwhile, or is
 * gone, what was found out may be of an earlier token: it is looked at again.
 */
export async function setHookRegistration(
  db: Db,
  { hookId, tries }: Pick<SourceHook, 'hookId' | 'tries'>,
  state: Pick<SourceHook, 'registration' | 'checkedAt' | 'restoredAt' | 'registeredUrl'> & {
    readonly error?: string;
    /** Undefined when nothing is to be done. */
    readonly nextTryAt?: Date;
  },
): Promise<void> {
  const { registration, error, nextTryAt, checkedAt, restoredAt, registeredUrl } = state;
  const isKnown = registeredUrl !== undefined && { registered_url: registeredUrl };
  const row = await db
    .updateTable('source_hooks')
    .set({
      registration,
      registration_error: error === undefined ? null : storableText(error),
      taken_until: null,
      next_try_at: nextTryAt ?? null,
      ...(error === undefined && { tries: 0 }),
      ...(checkedAt && { checked_at: checkedAt }),
      ...(restoredAt && { restored_at: restoredAt }),
      ...isKnown,
    })
    .where('hook_id', '=', hookId)
    .where('is_gone', '=', false)
    .where('tries', '=', tries)
    .returning('hook_id')
    .executeTakeFirst();
  if (row) return;
  await db
    .updateTable('source_hooks')
    .set({ taken_until: null, ...isKnown })
    .where('hook_id', '=', hookId)
    .execute();
}

/** Has hooks looked at now that were to be looked at, or are somebody's, after `latest`. */
export async function hastenHooks(db: Db, now: Date, latest: Date): Promise<void> {
  await db
    .updateTable('source_hooks')
    .set({ next_try_at: now, taken_until: null })
    .where((eb) => eb.or([eb('next_try_at', '>', latest), eb('taken_until', '>', latest)]))
    .execute();
}

/** Has hooks looked after that providers know under another URL than `{urlBefore}{hookId}`. */
export async function setMovedHooksDue(db: Db, urlBefore: string, now: Date): Promise<void> {
  await sql`update source_hooks set tries = 0, next_try_at = ${now}
    where registration = 'Registered' and not is_gone and next_try_at > ${now}
      and registered_url <> ${urlBefore}::text || hook_id::text`.execute(db);
}

/** When the provider is asked again to forget a hook. */
export async function postponeRemoval(db: Db, hookId: string, error: string, nextTryAt: Date): Promise<void> {
  await db
    .updateTable('source_hooks')
    .set({ registration_error: storableText(error), next_try_at: nextTryAt, taken_until: null })
    .where('hook_id', '=', hookId)
    .where('is_gone', '=', true)
    .execute();
}

export async function deleteSourceHook(db: Db, hookId: string): Promise<void> {
  await db.deleteFrom('source_hooks').where('hook_id', '=', hookId).execute();
}

/** Tasks with source triggers that were stored before triggers had hooks. */
export async function findTasksWithoutHooks(
  db: Db,
  limit: number,
): Promise<{ registryId: string; name: string }[]> {
  const { rows } = await sql<{ registry_id: string; name: string }>`
    select registry_id, name from tasks
    where jsonb_typeof(properties->'trigger'->'sourceTriggers') = 'array'
      and jsonb_array_length(properties->'trigger'->'sourceTriggers') > 0
      and not exists (select from source_hooks as hook
        where hook.registry_id = tasks.registry_id and hook.task_key = tasks.name_key and not hook.is_gone)
    limit ${limit}`.execute(db);
  return rows.map(({ registry_id: registryId, name }) => ({ registryId, name }));
}

function toHook(row: Selectable<SourceHooksTable>): SourceHook {
  return {
    hookId: row.hook_id,
    registryId: row.registry_id,
    taskKey: row.task_key,
    triggerName: row.trigger_name,
    providerType: row.source_control_type,
    repositoryUrl: row.repository_url,
    secret: row.secret,
    ...(row.token !== null && { token: row.token }),
    registration: row.registration,
    ...(row.registration_error !== null && { registrationError: row.registration_error }),
    ...(row.checked_at && { checkedAt: row.checked_at }),
    ...(row.restored_at && { restoredAt: row.restored_at }),
    ...(row.registered_url !== null && { registeredUrl: row.registered_url }),
    ...(row.report_error !== null && { reportError: row.report_error }),
    tries: row.tries,
  };
}
