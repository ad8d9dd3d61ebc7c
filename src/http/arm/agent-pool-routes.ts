import {
  countQueuedRuns,
  deleteAgentPool,
  getAgentPool,
  getPoolJoinToken,
  listAgentPools,
  listPoolAgents,
  putAgentPool,
  updateAgentPool,
  type AgentPoolSettings,
  type ControlDeps,
  type PutAgentPool,
} from '../../control/index.ts';
import { agentPoolResourceId, ServiceError, type AgentPool, type Registry } from '../../model/index.ts';
import {
  agentPool as agentPoolSchema,
  agentPoolUpdate,
  check,
  mergePatch,
  type AgentPoolBody,
} from '../../spec/index.ts';
import { operationUrl, retryAfterSeconds } from './operation-routes.ts';
import type { ArmRequest, Router } from './router.ts';
import { agentPoolBody } from './wire-agent-pool.ts';
import { wireTime } from './wire-time.ts';

const kind = 'Microsoft.ContainerRegistry/registries/agentPools';
const versions = 'tasks';

/** Agent pools: list, get, create, update, delete, queue status; and ours: its agents, its join token. */
export function agentPoolRoutes(router: Router, control: ControlDeps): void {
  const one = '/agentPools/:agentPoolName';
  const find = (registry: Registry, params: ArmRequest['params']): Promise<AgentPool> =>
    getAgentPool(control, registry, params.agentPoolName ?? '');
  /** 201 with where the operation can be asked for; 200 when nothing had to change. */
  const answerPut = (
    { registry, query, reply }: Pick<ArmRequest, 'query' | 'reply'> & { registry: Registry },
    { pool, operationId }: PutAgentPool,
  ) => {
    if (operationId !== undefined) {
      const resourceId = agentPoolResourceId(registry, pool.name);
      const operation = { resourceId, operationId, apiVersion: query['api-version'] };
      reply
        .code(201)
        .header('azure-asyncoperation', operationUrl(control, operation, 'operationStatuses'))
        .header('retry-after', retryAfterSeconds);
    }
    return agentPoolBody(registry, pool);
  };

  router.inRegistry(
    { method: 'GET', path: '/agentPools', action: `${kind}/read`, versions },
    async ({ registry }) => ({
      value: (await listAgentPools(control, registry)).map((pool) => agentPoolBody(registry, pool)),
    }),
  );
  router.inRegistry(
    { method: 'GET', path: one, action: `${kind}/read`, versions },
    async ({ registry, params }) => agentPoolBody(registry, await find(registry, params)),
  );
  router.inRegistry({ method: 'PUT', path: one, action: `${kind}/write`, versions }, async (request) => {
    const { registry, caller, params, body } = request;
    const settings = settingsOf(check(agentPoolSchema, body));
    const name = params.agentPoolName ?? '';
    return answerPut(request, await putAgentPool(control, caller, registry, name, settings));
  });
  router.inRegistry({ method: 'PATCH', path: one, action: `${kind}/write`, versions }, async (request) => {
    const { registry, caller, params, body } = request;
    const pool = await find(registry, params);
    const merged = mergePatch(agentPoolSchema, requestOf(pool), check(agentPoolUpdate, body));
    const settings = settingsOf(check(agentPoolSchema, merged));
    return answerPut(request, await updateAgentPool(control, caller, registry, pool, settings));
  });
  router.inRegistry(
    { method: 'DELETE', path: one, action: `${kind}/delete`, versions },
    async ({ registry, params, query, reply }) => {
      const name = params.agentPoolName ?? '';
      const isForced = query.force?.toLowerCase() === 'true'; // ours
      const operationId = await deleteAgentPool(control, registry, name, { isForced });
      if (operationId === undefined) return void (await reply.code(204).send());
      const resourceId = agentPoolResourceId(registry, name);
      const operation = { resourceId, operationId, apiVersion: query['api-version'] };
      await reply
        .code(202)
        .header('location', operationUrl(control, operation, 'operationResults'))
        .header('retry-after', retryAfterSeconds)
        .send();
    },
  );
  router.inRegistry(
    { method: 'POST', path: `${one}/listQueueStatus`, action: `${kind}/listQueueStatus/action`, versions },
    async ({ registry, params }) => ({ count: await countQueuedRuns(control, await find(registry, params)) }),
  );
  // Ours: which agents are connected, and the token with which more of them join.
  router.inRegistry(
    { method: 'GET', path: `${one}/agents`, action: `${kind}/read`, versions },
    async ({ registry, params }) => {
      const agents = await listPoolAgents(control, await find(registry, params));
      return {
        value: agents.map(({ lastSeenTime, ...agent }) => ({
          ...agent,
          lastSeenTime: wireTime(lastSeenTime),
        })),
      };
    },
  );
  router.inRegistry(
    { method: 'POST', path: `${one}/listJoinToken`, action: `${kind}/listJoinToken/action`, versions },
    async ({ registry, params }) => ({
      token: await getPoolJoinToken(control, await find(registry, params)),
    }),
  );
}

/** What a client decides about a pool, as it is kept. */
function settingsOf({ location, tags = {}, properties }: AgentPoolBody): AgentPoolSettings {
  const { count, tier, os, virtualNetworkSubnetResourceId } = properties;
  if (virtualNetworkSubnetResourceId) {
    const target = 'properties.virtualNetworkSubnetResourceId';
    const message = `${target} is not supported: agents use the network of their machine; leave it out.`;
    throw new ServiceError(400, 'NotSupported', message, { target });
  }
  return { location, tags, count, tier, os };
}

/** The request that would make the pool as it is. */
function requestOf({ location, tags, count, tier, os }: AgentPool) {
  return { location, tags, properties: { count, tier, os } };
}
