import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface Agent {
  readonly agentId: string;
  readonly name: string;
  readonly instanceId: string;
  readonly pool: string;
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
    .returning(['agent_id', 'name', 'instance_id', 'pool', 'os', 'architecture'])
    .executeTakeFirst();
  return (
    row && {
      agentId: row.agent_id,
      name: row.name,
      instanceId: row.instance_id,
      pool: row.pool,
      os: row.os,
      architecture: row.architecture,
    }
  );
}

/** Agents that were heard of in the last `withinSeconds`, of all or of one pool and operating system. */
export async function countLiveAgents(
  db: Db,
  withinSeconds: number,
  of?: { readonly pool: string; readonly os: string },
): Promise<number> {
  const row = await db
    .selectFrom('agents')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .$if(of !== undefined, (query) =>
      query
        .where(sql`lower(pool)`, '=', of?.pool.toLowerCase() ?? '')
        .where(sql`lower(os)`, '=', of?.os.toLowerCase() ?? ''),
    )
    .where('last_seen_at', '>', sql<Date>`now() - ${withinSeconds} * interval '1 second'`)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Whether any agent of that pool was ever here; the others' names for a helpful error. */
export async function findPoolNames(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('agents').select('pool').distinct().orderBy('pool').execute();
  return rows.map((row) => row.pool);
}

export async function removeAgent(db: Db, agentId: string): Promise<void> {
  await db
    .updateTable('agents')
    .set({ last_seen_at: new Date(0) })
    .where('agent_id', '=', agentId)
    .execute();
}
