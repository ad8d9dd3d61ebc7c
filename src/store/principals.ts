import type { Kysely, Transaction } from 'kysely';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface StoredPrincipal {
  readonly objectId: string;
  readonly clientId: string;
  readonly displayName: string;
  readonly secretHash: string;
}

export async function insertPrincipalIfAbsent(db: Db, principal: StoredPrincipal): Promise<void> {
  await db
    .insertInto('principals')
    .values({
      object_id: principal.objectId,
      client_id: principal.clientId,
      display_name: principal.displayName,
      secret_hash: principal.secretHash,
    })
    .onConflict((oc) => oc.doNothing())
    .execute();
}

export async function findPrincipalByClientId(
  db: Db,
  clientId: string,
): Promise<StoredPrincipal | undefined> {
  const row = await db
    .selectFrom('principals')
    .selectAll()
    .where('client_id', '=', clientId.toLowerCase())
    .executeTakeFirst();
  return (
    row && {
      objectId: row.object_id,
      clientId: row.client_id,
      displayName: row.display_name,
      secretHash: row.secret_hash,
    }
  );
}

export async function putRoleAssignment(
  db: Db,
  objectId: string,
  scope: string,
  actions: readonly string[],
): Promise<void> {
  await db
    .insertInto('role_assignments')
    .values({ object_id: objectId, scope, actions: JSON.stringify(actions) })
    .onConflict((oc) => oc.columns(['object_id', 'scope']).doUpdateSet({ actions: JSON.stringify(actions) }))
    .execute();
}

export async function findRoleAssignments(
  db: Db,
  objectId: string,
): Promise<{ scope: string; actions: string[] }[]> {
  return db
    .selectFrom('role_assignments')
    .select(['scope', 'actions'])
    .where('object_id', '=', objectId)
    .execute();
}
