import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ResourceGroup, Subscription } from '../model/index.ts';
import type { Database, ResourceGroupsTable } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export async function insertSubscriptionIfAbsent(db: Db, subscription: Subscription): Promise<void> {
  await db
    .insertInto('subscriptions')
    .values({
      subscription_id: subscription.subscriptionId,
      display_name: subscription.displayName,
      tenant_id: subscription.tenantId,
    })
    .onConflict((oc) => oc.doNothing())
    .execute();
}

export async function findSubscriptions(db: Db): Promise<Subscription[]> {
  const rows = await db.selectFrom('subscriptions').selectAll().orderBy('display_name').execute();
  return rows.map((row) => ({
    subscriptionId: row.subscription_id,
    displayName: row.display_name,
    tenantId: row.tenant_id,
  }));
}

/** Makes a group, or replaces the tags of the one with that name; undefined when that is being deleted. */
export async function upsertResourceGroup(
  db: Db,
  group: Omit<ResourceGroup, 'isDeleting'>,
): Promise<{ group: ResourceGroup; isNew: boolean } | undefined> {
  const inserted = await db
    .insertInto('resource_groups')
    .values({
      subscription_id: group.subscriptionId,
      name: group.name,
      name_key: group.name.toLowerCase(),
      location: group.location,
      tags: JSON.stringify(group.tags),
    })
    .onConflict((oc) => oc.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (inserted) return { group: toGroup(inserted), isNew: true };
  const updated = await setResourceGroupTags(db, group.subscriptionId, group.name, group.tags);
  return updated && { group: updated, isNew: false };
}

export async function setResourceGroupTags(
  db: Db,
  subscriptionId: string,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<ResourceGroup | undefined> {
  const row = await db
    .updateTable('resource_groups')
    .set({ tags: JSON.stringify(tags) })
    .where('subscription_id', '=', subscriptionId)
    .where('name_key', '=', name.toLowerCase())
    .where('deleting_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row && toGroup(row);
}

export async function findResourceGroup(
  db: Db,
  subscriptionId: string,
  name: string,
): Promise<ResourceGroup | undefined> {
  const row = await db
    .selectFrom('resource_groups')
    .selectAll()
    .where('subscription_id', '=', subscriptionId)
    .where('name_key', '=', name.toLowerCase())
    .executeTakeFirst();
  return row && toGroup(row);
}

export async function findResourceGroups(db: Db, subscriptionId: string): Promise<ResourceGroup[]> {
  const rows = await db
    .selectFrom('resource_groups')
    .selectAll()
    .where('subscription_id', '=', subscriptionId)
    .orderBy('name_key')
    .execute();
  return rows.map(toGroup);
}

function toGroup(row: Selectable<ResourceGroupsTable>): ResourceGroup {
  return {
    subscriptionId: row.subscription_id,
    name: row.name,
    location: row.location,
    tags: row.tags,
    isDeleting: row.deleting_at !== null,
  };
}
