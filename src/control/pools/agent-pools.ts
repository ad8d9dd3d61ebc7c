import { createHash, randomBytes } from 'node:crypto';
import {
  agentPoolResourceId,
  defaultPoolName,
  runQueueName,
  ServiceError,
  type AgentPool,
  type Registry,
} from '../../model/index.ts';
import {
  changeAgentPool,
  countQueued,
  endOperationsOf,
  findAgentPool,
  findAgentPools,
  findJoinToken,
  findLiveAgents,
  findTasksOfPool,
  insertAgentPool,
  markAgentPoolDeleting,
  notify,
  type ConnectedAgent,
} from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { beginOperation } from '../operations.ts';
import { touchedBy } from '../resources/registries.ts';
import { moveRunsToDefaultPool } from './drain.ts';

/** What a client decides about a pool. */
export type AgentPoolSettings = Pick<AgentPool, 'location' | 'tags' | 'count' | 'tier' | 'os'>;

/** A pool, and the operation that brings it where it is to be; without one nothing had to change. */
export interface PutAgentPool {
  readonly pool: AgentPool;
  readonly operationId: string | undefined;
}

/** AgentPools_Get. @throws ServiceError 404 `ResourceNotFound`, which names the registry's pools. */
export async function getAgentPool(deps: ControlDeps, registry: Registry, name: string): Promise<AgentPool> {
  const pool = await findAgentPool(deps.store.db, registry.registryId, name);
  if (pool) return pool;
  const others = await listAgentPools(deps, registry);
  throw new ServiceError(
    404,
    'ResourceNotFound',
    `There is no agent pool '${name}' in registry ${registry.name}; ` +
      (others.length > 0 ? `its pools are ${others.map((each) => each.name).join(', ')}.` : 'it has none.'),
  );
}

/** AgentPools_List, by name. */
export function listAgentPools(deps: ControlDeps, registry: Registry): Promise<AgentPool[]> {
  return findAgentPools(deps.store.db, registry.registryId);
}

/**
 * AgentPools_Create: makes a pool, or changes the settings of the one that is there.
 * @throws ServiceError 400 `ReservedName`; 409 `AgentPoolDeleting`, or when a pool would have to move or
 * get another operating system.
 */
export async function putAgentPool(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  name: string,
  settings: AgentPoolSettings,
): Promise<PutAgentPool> {
  if (name.toLowerCase() === defaultPoolName) {
    const message = `'${name}' is the pool that all registries share; give the agent pool another name.`;
    throw new ServiceError(400, 'ReservedName', message, { target: 'agentPoolName' });
  }
  const existing = await findAgentPool(deps.store.db, registry.registryId, name);
  if (existing) return updateAgentPool(deps, caller, registry, existing, settings);
  const poolId = deps.newId();
  const token = randomBytes(32).toString('base64url');
  const joinToken = { sealed: deps.sealer.seal(token, poolId), hash: hashOf(token) };
  const systemData = touchedBy(caller, deps.now());
  const { registryId } = registry;
  const operationId = await deps.store.db.transaction().execute(async (trx) => {
    if (!(await insertAgentPool(trx, { poolId, registryId, name, ...settings, systemData }, joinToken)))
      return undefined;
    await notify(trx, 'pools', 'all');
    return beginOperation(deps, trx, { resourceId: agentPoolResourceId(registry, name) });
  });
  const pool = await getAgentPool(deps, registry, name);
  if (operationId !== undefined) return { pool, operationId };
  return updateAgentPool(deps, caller, registry, pool, settings); // another request was faster
}

/** AgentPools_Update. @throws ServiceError as `putAgentPool`. */
export async function updateAgentPool(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  pool: AgentPool,
  settings: AgentPoolSettings,
): Promise<PutAgentPool> {
  refuseMove(pool, settings);
  if (isSame(pool, settings) && pool.provisioningState === 'Succeeded')
    return { pool, operationId: undefined };
  const systemData = touchedBy(caller, deps.now(), pool.systemData);
  return deps.store.db.transaction().execute(async (trx) => {
    const changed = await changeAgentPool(trx, pool.poolId, { ...settings, systemData });
    if (!changed) throw isDeleting(pool);
    await notify(trx, 'pools', 'all');
    await notify(trx, 'queued', runQueueName(pool, pool.os)); // agents of a pool that was paused look again
    const resourceId = agentPoolResourceId(registry, pool.name);
    return { pool: changed, operationId: await beginOperation(deps, trx, { resourceId }) };
  });
}

function refuseMove(pool: AgentPool, { location, os }: AgentPoolSettings): void {
  if (location.toLowerCase() !== pool.location.toLowerCase()) {
    const message = `The agent pool ${pool.name} is in location '${pool.location}'; it cannot move to another.`;
    throw new ServiceError(409, 'InvalidResourceLocation', message, { target: 'location' });
  }
  if (os !== pool.os) {
    const message = `The agent pool ${pool.name} is for ${pool.os}; delete it and make another for ${os}.`;
    throw new ServiceError(409, 'PropertyChangeNotAllowed', message, { target: 'properties.os' });
  }
}

function isSame(pool: AgentPool, { tags, count, tier }: AgentPoolSettings): boolean {
  const sorted = (each: object): string => JSON.stringify(Object.entries(each).sort());
  return pool.count === count && pool.tier === tier && sorted(pool.tags) === sorted(tags);
}

export function isDeleting({ name }: AgentPool): ServiceError {
  return new ServiceError(
    409,
    'AgentPoolDeleting',
    `The agent pool ${name} is being deleted; wait until it is gone, then make it anew.`,
  );
}

/**
 * AgentPools_Delete: no run goes to the pool any more, those that wait move to the default pool, those
 * under way end first; with `isForced` they move as well, and begin again.
 * @returns the operation's id; undefined when there is no such pool.
 * @throws ServiceError 409 `AgentPoolInUse` with the names of the tasks that refer to it.
 */
export async function deleteAgentPool(
  deps: ControlDeps,
  registry: Registry,
  name: string,
  { isForced }: { isForced: boolean },
): Promise<string | undefined> {
  const pool = await findAgentPool(deps.store.db, registry.registryId, name);
  if (!pool) return undefined;
  const tasks = await findTasksOfPool(deps.store.db, registry.registryId, pool.name);
  if (tasks.length > 0) {
    throw new ServiceError(
      409,
      'AgentPoolInUse',
      `The agent pool ${pool.name} is used by ${tasks.length === 1 ? 'task' : 'tasks'} ${tasks.join(', ')}; ` +
        'give them another agentPoolName, disable or delete them first.',
    );
  }
  const resourceId = agentPoolResourceId(registry, pool.name);
  return deps.store.db.transaction().execute(async (trx) => {
    if (await markAgentPoolDeleting(trx, pool.poolId)) {
      const error = { code: 'AgentPoolDeleting', message: 'the agent pool was deleted meanwhile' };
      await endOperationsOf(trx, resourceId, 'Canceled', error);
    }
    await moveRunsToDefaultPool(deps, trx, pool, { isForced });
    await notify(trx, 'pools', 'all');
    return beginOperation(deps, trx, { resourceId });
  });
}

/** AgentPools_GetQueueStatus: how many runs wait for an agent of the pool. */
export function countQueuedRuns(deps: ControlDeps, pool: AgentPool): Promise<number> {
  return countQueued(deps.store.db, runQueueName(pool, pool.os));
}

/** The agents of a pool that were heard of lately. */
export function listPoolAgents(deps: ControlDeps, pool: AgentPool): Promise<ConnectedAgent[]> {
  return findLiveAgents(deps.store.db, pool.poolId, deps.config.leaseSeconds * 2);
}

/** The token with which agents join this pool and no other. */
export async function getPoolJoinToken(deps: ControlDeps, pool: AgentPool): Promise<string> {
  const sealed = await findJoinToken(deps.store.db, pool.poolId);
  if (sealed === undefined) throw isDeleting(pool);
  return deps.sealer.open(sealed, pool.poolId).reveal();
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
