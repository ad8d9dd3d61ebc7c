import { timingSafeEqual } from 'node:crypto';
import { agentPoolPlace, defaultPoolName, ServiceError, type AgentPool } from '../../model/index.ts';
import type { RegisterRequest } from '../../protocol/index.ts';
import { findAgentPoolByToken, findAgentPools, findAgentPoolsNamed } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { isDeleting } from './agent-pools.ts';

/**
 * The pool that an agent may join, undefined for the default pool: with the server's token any, with a
 * pool's token that one. `default`, `REGISTRY/POOL` and a plain name that only one pool has name it.
 * @throws ServiceError 401 for a wrong token, 403 for that of another pool, 404 with what there is, 409.
 */
export async function poolToJoin(
  deps: ControlDeps,
  tokenHash: string,
  request: Pick<RegisterRequest, 'pool' | 'os'>,
): Promise<AgentPool | undefined> {
  const isServerToken = timingSafeEqual(Buffer.from(tokenHash), Buffer.from(deps.config.joinTokenHash));
  const own = isServerToken ? undefined : await findAgentPoolByToken(deps.store.db, tokenHash);
  if (!isServerToken && !own) {
    throw new ServiceError(
      401,
      'InvalidAgentToken',
      'the agent token is wrong; the server keeps its own in agent.token, and listJoinToken tells that of a pool',
    );
  }
  if (own && !isNamed(own, request.pool)) {
    throw new ServiceError(
      403,
      'TokenOfAnotherPool',
      `the agent token is that of pool ${agentPoolPlace(own)}, the agent wants to join ${request.pool}; ` +
        `start it with --pool ${agentPoolPlace(own)}, or with the token of ${request.pool}`,
    );
  }
  if (request.pool.toLowerCase() === defaultPoolName) return undefined;
  const pool = own ?? (await findPool(deps, request.pool));
  if (pool.provisioningState === 'Deleting') throw isDeleting(pool);
  if (pool.os.toLowerCase() === request.os.toLowerCase()) return pool;
  throw new ServiceError(
    400,
    'AgentPoolPlatformMismatch',
    `the pool ${agentPoolPlace(pool)} is for ${pool.os}; this agent builds on ${request.os}`,
  );
}

function isNamed(pool: AgentPool, name: string): boolean {
  return [pool.name, agentPoolPlace(pool)].some((each) => each.toLowerCase() === name.toLowerCase());
}

async function findPool(deps: ControlDeps, asked: string): Promise<AgentPool> {
  const { db } = deps.store;
  const named = await findAgentPoolsNamed(db, asked.slice(asked.indexOf('/') + 1));
  const found = named.filter((pool) => isNamed(pool, asked));
  const [pool] = found;
  if (pool && found.length === 1) return pool;
  const places = (pools: AgentPool[]): string => pools.map(agentPoolPlace).join(', ');
  if (found.length > 1) {
    const message = `several registries have an agent pool ${asked}: give one of ${places(found)}`;
    throw new ServiceError(400, 'AgentPoolAmbiguous', message);
  }
  const all = await findAgentPools(db);
  throw new ServiceError(
    404,
    'AgentPoolNotFound',
    `there is no agent pool ${asked}; there is ${[defaultPoolName, ...(all.length > 0 ? [places(all)] : [])].join(', ')}. ` +
      'Make one with: az acr agentpool create',
  );
}
