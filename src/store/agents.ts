import { sql, type Kysely, type Transaction } from 'kysely';
import { transitionOf } from '../model/index.ts';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface Agent {
  readonly agentId: string;
  readonly name: string;
  readonly instanceId: string;
  readonly pool: string;
  /** Undefined in the default pool. */
  readonly poolId: string | undefined;
  readonly os: string;
  readonly architecture: string;
}

/** Adds an agent, or gives an instance that registers once more its new token. */
export async function upsertAgent(db: Db, agent: Agent, tokenHash: string): Promise<Agent> {
  const row = await db
    .insertInto('agents')
    .values({
      agent_id: agent.agentId,
      name: agent.name,
      instance_id: agent.instanceId,
      pool: agent.pool,
      pool_id: agent.poolId ?? null,
      os: agent.os,
      architecture: agent.architecture,
      token_hash: tokenHash,
    })
    .onConflict((oc) =>
      oc.column('instance_id').doUpdateSet({ token_hash: tokenHash, last_seen_at: sql<Date>`now()` }),
    )
    .returning('agent_id')
    .executeTakeFirstOrThrow();
  return { ...agent, agentId: row.agent_id };
}

/** The agent with that token; it counts as seen now. */
export async function findAgentByToken(
  db: Db,
  agentId: string,
  tokenHash: string,
): Promise<Agent | undefined> {
  const row = await db
    .updateTable('agents')
    .set({ last_seen_at: sql<Date>`now()` })
    .where('agent_id', '=', agentId)
    .where('token_hash', '=', tokenHash)
    .returning(['agent_id', 'name', 'instance_id', 'pool', 'pool_id', 'os', 'architecture'])
    .executeTakeFirst();
  return (
    row && {
      agentId: row.agent_id,
      name: row.name,
      instanceId: row.instance_id,
      pool: row.pool,
      poolId: row.pool_id ?? undefined,
      os: row.os,
      architecture: row.architecture,
    }
  );
}

/** Agents that were heard of in the last `withinSeconds`, of all or of one pool and operating system. */
export async function countLiveAgents(
  db: Db,
  withinSeconds: number,
  of?: { readonly poolId: string | undefined; readonly os: string },
): Promise<number> {
  const row = await db
    .selectFrom('agents')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .$if(of !== undefined, (query) =>
      query
        .where((eb) => (of?.poolId === undefined ? eb('pool_id', 'is', null) : eb('pool_id', '=', of.poolId)))
        .where(sql`lower(os)`, '=', of?.os.toLowerCase() ?? ''),
    )
    .where('last_seen_at', '>', sql<Date>`now() - ${withinSeconds} * interval '1 second'`)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export interface ConnectedAgent {
  readonly name: string;
  readonly os: string;
  readonly architecture: string;
  /** The run in its hands. */
  readonly runId?: string;
  readonly lastSeenTime: Date;
}

/** The agents of a pool that were heard of in the last `withinSeconds`, by name. */
export async function findLiveAgents(
  db: Db,
  poolId: string,
  withinSeconds: number,
): Promise<ConnectedAgent[]> {
  const rows = await db
    .selectFrom('agents')
    .leftJoin('runs', (join) =>
      join.onRef('runs.agent_id', '=', 'agents.agent_id').on('runs.status', 'in', transitionOf('lose').from),
    )
    .select(['name', 'os', 'architecture', 'last_seen_at', 'runs.run_id'])
    .where('pool_id', '=', poolId)
    .where('last_seen_at', '>', sql<Date>`now() - ${withinSeconds} * interval '1 second'`)
    .orderBy('name')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    os: row.os,
    architecture: row.architecture,
    ...(row.run_id !== null && { runId: row.run_id }),
    lastSeenTime: row.last_seen_at,
  }));
}

export async function removeAgent(db: Db, agentId: string): Promise<void> {
  await db
    .updateTable('agents')
    .set({ last_seen_at: new Date(0) })
    .where('agent_id', '=', agentId)
    .execute();
}
