import { sql, type Kysely, type Transaction } from 'kysely';
import type { Registry } from '../model/index.ts';
import { toRegistry, withGroup } from './registries.ts';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** From now on nobody sees the registry; false when somebody else deletes it already. */
export async function markRegistryDeleting(db: Db, registryId: string): Promise<boolean> {
  const row = await db
    .updateTable('registries')
    .set({ deleting_at: sql<Date>`now()` })
    .where('registry_id', '=', registryId)
    .where('deleting_at', 'is', null)
    .returning('registry_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** From now on the group takes in nothing more; false when it is gone. */
export async function markGroupDeleting(db: Db, subscriptionId: string, name: string): Promise<boolean> {
  const row = await db
    .updateTable('resource_groups')
    .set({ deleting_at: sql<Date>`coalesce(deleting_at, now())` })
    .where('subscription_id', '=', subscriptionId)
    .where('name_key', '=', name.toLowerCase())
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

/** Registries that are being deleted, by themselves or with their groups. */
export async function findDeletingRegistries(db: Db): Promise<Registry[]> {
  await db
    .updateTable('registries')
    .from('resource_groups')
    .set({ deleting_at: sql<Date>`now()` })
    .whereRef('resource_groups.subscription_id', '=', 'registries.subscription_id')
    .whereRef('resource_groups.name_key', '=', 'registries.resource_group_key')
    .where('resource_groups.deleting_at', 'is not', null)
    .where('registries.deleting_at', 'is', null)
    .execute();
  const rows = await withGroup(db).where('registries.deleting_at', 'is not', null).execute();
  return rows.map(toRegistry);
}

/** Deletes groups that are to go and are empty. */
export async function deleteEmptiedGroups(
  trx: Transaction<Database>,
): Promise<{ subscriptionId: string; name: string }[]> {
  const rows = await trx
    .deleteFrom('resource_groups')
    .where('deleting_at', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('registries')
            .select('registry_id')
            .whereRef('registries.subscription_id', '=', 'resource_groups.subscription_id')
            .whereRef('registries.resource_group_key', '=', 'resource_groups.name_key'),
        ),
      ),
    )
    .returning(['subscription_id', 'name'])
    .execute();
  return rows.map((row) => ({ subscriptionId: row.subscription_id, name: row.name }));
}
