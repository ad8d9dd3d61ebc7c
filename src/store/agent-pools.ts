import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { AgentPool, AgentPoolState, SystemData } from '../model/index.ts';
import type { AgentPoolsTable, Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export type NewAgentPool = Omit<AgentPool, 'changedAt' | 'registryName' | 'provisioningState'>;

/** Adds a pool, `Creating`. Answers false when its registry has one of that name. */
export async function insertAgentPool(
  db: Db,
  pool: NewAgentPool,
  joinToken: { readonly sealed: string; readonly hash: string },
): Promise<boolean> {
  const row = await db
    .insertInto('agent_pools')
    .values({
      pool_id: pool.poolId,
      registry_id: pool.registryId,
      name: pool.name,
      name_key: pool.name.toLowerCase(),
      location: pool.location,
      tags: JSON.stringify(pool.tags),
      count: pool.count,
      tier: pool.tier,
      os: pool.os,
      provisioning_state: 'Creating',
      join_token: joinToken.sealed,
      join_token_hash: joinToken.hash,
      system_data: JSON.stringify(pool.systemData),
    })
    .onConflict((oc) => oc.columns(['registry_id', 'name_key']).doNothing())
    .returning('pool_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** What a client may change of a pool. */
export type AgentPoolChanges = Pick<AgentPool, 'tags' | 'count' | 'tier'> & {
  readonly systemData: SystemData;
};

/** Changes a pool, which is `Updating` from then on; undefined when it is being deleted or gone. */
export async function changeAgentPool(
  db: Db,
  poolId: string,
  changes: AgentPoolChanges,
): Promise<AgentPool | undefined> {
  const row = await db
    .updateTable('agent_pools')
    .set({
      tags: JSON.stringify(changes.tags),
      count: changes.count,
      tier: changes.tier,
      system_data: JSON.stringify(changes.systemData),
      provisioning_state: 'Updating',
      changed_at: sql<Date>`now()`,
    })
    .where('pool_id', '=', poolId)
    .where('provisioning_state', '<>', 'Deleting')
    .returning('pool_id')
    .executeTakeFirst();
  return row && findAgentPoolById(db, poolId);
}

/** A pool comes into another state, unless it changed since it was read. Answers whether it did. */
export async function setAgentPoolState(
  db: Db,
  pool: Pick<AgentPool, 'poolId' | 'provisioningState' | 'changedAt'>,
  to: AgentPoolState,
): Promise<boolean> {
  const row = await db
    .updateTable('agent_pools')
    .set({ provisioning_state: to, changed_at: sql<Date>`now()` })
    .where('pool_id', '=', pool.poolId)
    .where('provisioning_state', '=', pool.provisioningState)
    .where(sql<Date>`date_trunc('milliseconds', changed_at)`, '=', pool.changedAt)
    .returning('pool_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Begins a pool's end, whatever its state. Answers false when it had begun already. */
export async function markAgentPoolDeleting(db: Db, poolId: string): Promise<boolean> {
  const row = await db
    .updateTable('agent_pools')
    .set({ provisioning_state: 'Deleting', changed_at: sql<Date>`now()` })
    .where('pool_id', '=', poolId)
    .where('provisioning_state', '<>', 'Deleting')
    .returning('pool_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes away a pool that has been `Deleting` for so long. Answers whether it was there. */
export async function deleteAgentPoolRow(db: Db, poolId: string, afterSeconds: number): Promise<boolean> {
  const row = await db
    .deleteFrom('agent_pools')
    .where('pool_id', '=', poolId)
    .where('provisioning_state', '=', 'Deleting')
    .where('changed_at', '<', sql<Date>`now() - ${afterSeconds} * interval '1 second'`)
    .returning('pool_id')
    .executeTakeFirst();
  return row !== undefined;
}

const withRegistry = (db: Db) =>
  db
    .selectFrom('agent_pools')
    .innerJoin('registries', 'registries.registry_id', 'agent_pools.registry_id')
    .selectAll('agent_pools')
    .select('registries.name as registry_name');

export async function findAgentPool(
  db: Db,
  registryId: string,
  name: string,
): Promise<AgentPool | undefined> {
  const row = await withRegistry(db)
    .where('agent_pools.registry_id', '=', registryId)
    .where('agent_pools.name_key', '=', name.toLowerCase())
    .executeTakeFirst();
  return row && toAgentPool(row);
}

export async function findAgentPoolById(db: Db, poolId: string): Promise<AgentPool | undefined> {
  const row = await withRegistry(db).where('pool_id', '=', poolId).executeTakeFirst();
  return row && toAgentPool(row);
}

/** The pools of a registry, or of all, by name. */
export async function findAgentPools(db: Db, registryId?: string): Promise<AgentPool[]> {
  const rows = await withRegistry(db)
    .$if(registryId !== undefined, (query) => query.where('agent_pools.registry_id', '=', registryId ?? ''))
    .orderBy('agent_pools.name_key')
    .execute();
  return rows.map(toAgentPool);
}

/** The pools of that name in any registry. */
export async function findAgentPoolsNamed(db: Db, name: string): Promise<AgentPool[]> {
  const rows = await withRegistry(db)
    .where('agent_pools.name_key', '=', name.toLowerCase())
    .orderBy('registries.name_key')
    .execute();
  return rows.map(toAgentPool);
}

export async function findAgentPoolByToken(db: Db, tokenHash: string): Promise<AgentPool | undefined> {
  const row = await withRegistry(db).where('join_token_hash', '=', tokenHash).executeTakeFirst();
  return row && toAgentPool(row);
}

export async function findJoinToken(db: Db, poolId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('agent_pools')
    .select('join_token')
    .where('pool_id', '=', poolId)
    .executeTakeFirst();
  return row?.join_token;
}

/** Pools that are on their way into another state, longest first. */
export async function findUnsettledAgentPools(db: Db, limit: number): Promise<AgentPool[]> {
  const rows = await withRegistry(db)
    .where('provisioning_state', '<>', 'Succeeded')
    .orderBy('changed_at')
    .limit(limit)
    .execute();
  return rows.map(toAgentPool);
}

/**
 * Holds a pool for the rest of the transaction, so that no deletion begins meanwhile; undefined when it
 * is being deleted or gone.
 */
export async function holdAgentPool(
  trx: Transaction<Database>,
  poolId: string,
): Promise<{ count: number } | undefined> {
  return trx
    .selectFrom('agent_pools')
    .select('count')
    .where('pool_id', '=', poolId)
    .where('provisioning_state', '<>', 'Deleting')
    .forShare()
    .executeTakeFirst();
}

/**
 * The pools whose agents that server starts: those it had, and those of its operating system that no
 * living server has. Each is its own for `seconds`; to be asked again well before they are over.
 */
export async function claimAgentPools(
  db: Db,
  hostId: string,
  os: string,
  seconds: number,
): Promise<AgentPool[]> {
  const until = sql<Date>`now() + ${seconds} * interval '1 second'`;
  await db
    .updateTable('agent_pools')
    .set({ host_id: hostId, host_until: until })
    .where(sql`lower(os)`, '=', os)
    .where((eb) =>
      eb.or([
        eb('host_until', 'is', null),
        eb('host_until', '<', sql<Date>`now()`),
        eb.and([
          eb('host_id', '=', hostId),
          eb('host_until', '<', sql<Date>`now() + ${seconds / 2} * interval '1 second'`),
        ]),
      ]),
    )
    .execute();
  const rows = await withRegistry(db).where('host_id', '=', hostId).orderBy('agent_pools.name_key').execute();
  return rows.map(toAgentPool);
}

/** That server starts no agents any more: another one may. */
export async function releaseAgentPools(db: Db, hostId: string): Promise<void> {
  await db
    .updateTable('agent_pools')
    .set({ host_id: null, host_until: null })
    .where('host_id', '=', hostId)
    .execute();
}

/** Whether a living server starts the pool's agents. */
export async function isAgentPoolHosted(db: Db, poolId: string): Promise<boolean> {
  const row = await db
    .selectFrom('agent_pools')
    .select('pool_id')
    .where('pool_id', '=', poolId)
    .where('host_until', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row !== undefined;
}

/** Names of the enabled tasks whose runs go to that pool. */
export async function findTasksOfPool(db: Db, registryId: string, poolName: string): Promise<string[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('name')
    .where('registry_id', '=', registryId)
    .where(sql`lower(properties->>'agentPoolName')`, '=', poolName.toLowerCase())
    .where(sql`properties->>'status'`, '<>', 'Disabled')
    .orderBy('name_key')
    .execute();
  return rows.map(({ name }) => name);
}

function toAgentPool(row: Selectable<AgentPoolsTable> & { registry_name: string }): AgentPool {
  return {
    poolId: row.pool_id,
    registryId: row.registry_id,
    registryName: row.registry_name,
    name: row.name,
    location: row.location,
    tags: row.tags,
    count: row.count,
    tier: row.tier,
    os: row.os,
    provisioningState: row.provisioning_state,
    changedAt: row.changed_at,
    systemData: row.system_data,
  };
}
