import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Registry } from '../model/index.ts';
import type { Database, RegistriesTable } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** Answers undefined when the name is taken: registry names are unique in the whole service. */
export async function insertRegistry(
  db: Db,
  registry: Omit<Registry, 'createdAt'>,
  sealedPasswords: readonly string[],
): Promise<Registry | undefined> {
  const row = await db
    .insertInto('registries')
    .values({
      registry_id: registry.registryId,
      subscription_id: registry.subscriptionId,
      resource_group_key: registry.resourceGroupName.toLowerCase(),
      name: registry.name,
      name_key: registry.name.toLowerCase(),
      location: registry.location,
      sku: registry.sku,
      tags: JSON.stringify(registry.tags),
      is_admin_user_enabled: registry.isAdminUserEnabled,
      admin_passwords: JSON.stringify(sealedPasswords),
      properties: JSON.stringify(registry.properties),
      login_server: registry.loginServer,
      login_port: registry.loginPort,
      system_data: JSON.stringify(registry.systemData),
    })
    .onConflict((oc) => oc.column('name_key').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toRegistry({ ...row, group_name: registry.resourceGroupName });
}

/** What a PATCH or PUT of a registry changes; the rest stays. */
export type RegistryChanges = Pick<
  Registry,
  'sku' | 'tags' | 'isAdminUserEnabled' | 'properties' | 'systemData'
>;

export async function updateRegistryRow(db: Db, registryId: string, changes: RegistryChanges): Promise<void> {
  await db
    .updateTable('registries')
    .set({
      sku: changes.sku,
      tags: JSON.stringify(changes.tags),
      is_admin_user_enabled: changes.isAdminUserEnabled,
      properties: JSON.stringify(changes.properties),
      system_data: JSON.stringify(changes.systemData),
    })
    .where('registry_id', '=', registryId)
    .execute();
}

export async function deleteRegistryRow(db: Db, registryId: string): Promise<boolean> {
  const row = await db
    .deleteFrom('registries')
    .where('registry_id', '=', registryId)
    .returning('registry_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Those that are being deleted included. */
export const withGroup = (db: Db) =>
  db
    .selectFrom('registries')
    .innerJoin('resource_groups', (join) =>
      join
        .onRef('resource_groups.subscription_id', '=', 'registries.subscription_id')
        .onRef('resource_groups.name_key', '=', 'registries.resource_group_key'),
    )
    .selectAll('registries')
    .select('resource_groups.name as group_name');

export async function findRegistry(
  db: Db,
  subscriptionId: string,
  resourceGroupName: string,
  name: string,
): Promise<Registry | undefined> {
  const row = await withGroup(db)
    .where('registries.subscription_id', '=', subscriptionId)
    .where('registries.resource_group_key', '=', resourceGroupName.toLowerCase())
    .where('registries.name_key', '=', name.toLowerCase())
    .where('registries.deleting_at', 'is', null)
    .executeTakeFirst();
  return row && toRegistry(row);
}

export async function findRegistryByName(db: Db, name: string): Promise<Registry | undefined> {
  const row = await withGroup(db).where('registries.name_key', '=', name.toLowerCase()).executeTakeFirst();
  return row && toRegistry(row);
}

export async function findRegistryById(db: Db, registryId: string): Promise<Registry | undefined> {
  const row = await withGroup(db).where('registry_id', '=', registryId).executeTakeFirst();
  return row && toRegistry(row);
}

/** `localhost:5001`, in any case. */
export async function findRegistryByLoginServer(db: Db, loginServer: string): Promise<Registry | undefined> {
  const row = await withGroup(db)
    .where('registries.login_server', '=', loginServer.toLowerCase())
    .where('registries.deleting_at', 'is', null)
    .executeTakeFirst();
  return row && toRegistry(row);
}

/** Which of these names is the login server of a registry, if one is. */
export async function findLoginServer(db: Db, names: readonly string[]): Promise<string | undefined> {
  const row = await db
    .selectFrom('registries')
    .select('login_server')
    .where(
      'login_server',
      'in',
      names.map((name) => name.toLowerCase()),
    )
    .where('deleting_at', 'is', null)
    .executeTakeFirst();
  return row?.login_server;
}

/** All registries, or those of a subscription, or of one of its groups, by name. */
export async function findRegistries(
  db: Db,
  within: { subscriptionId?: string; resourceGroupName?: string } = {},
): Promise<Registry[]> {
  const { subscriptionId, resourceGroupName } = within;
  const rows = await withGroup(db)
    .where('registries.deleting_at', 'is', null)
    .$if(subscriptionId !== undefined, (query) =>
      query.where('registries.subscription_id', '=', subscriptionId ?? ''),
    )
    .$if(resourceGroupName !== undefined, (query) =>
      query.where('registries.resource_group_key', '=', (resourceGroupName ?? '').toLowerCase()),
    )
    .orderBy('registries.name_key')
    .execute();
  return rows.map(toRegistry);
}

export async function isLoginPortTaken(db: Db, port: number): Promise<boolean> {
  const row = await db
    .selectFrom('registries')
    .select('registry_id')
    .where('login_port', '=', port)
    .executeTakeFirst();
  return row !== undefined;
}

/** The sealed admin passwords of a registry. */
export async function findAdminPasswords(db: Db, registryId: string): Promise<string[]> {
  const row = await db
    .selectFrom('registries')
    .select('admin_passwords')
    .where('registry_id', '=', registryId)
    .executeTakeFirst();
  return row?.admin_passwords ?? [];
}

export async function setAdminPasswords(
  db: Db,
  registryId: string,
  sealedPasswords: readonly string[],
): Promise<void> {
  await db
    .updateTable('registries')
    .set({ admin_passwords: JSON.stringify(sealedPasswords) })
    .where('registry_id', '=', registryId)
    .execute();
}

export function toRegistry(row: Selectable<RegistriesTable> & { group_name: string }): Registry {
  return {
    registryId: row.registry_id,
    subscriptionId: row.subscription_id,
    resourceGroupName: row.group_name,
    name: row.name,
    location: row.location,
    sku: row.sku,
    tags: row.tags,
    isAdminUserEnabled: row.is_admin_user_enabled,
    properties: row.properties,
    loginServer: row.login_server,
    loginPort: row.login_port,
    systemData: row.system_data,
    createdAt: row.created_at,
  };
}
