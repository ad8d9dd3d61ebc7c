import { createHash, randomBytes } from 'node:crypto';
import { agentPoolPlace, defaultPoolName, ServiceError } from '../model/index.ts';
import { protocolVersion, type RegisterRequest, type RegisterResponse } from '../protocol/index.ts';
import {
  countLiveAgents,
  expireLeasesOf,
  findAgentByToken,
  removeAgent,
  upsertAgent,
  type Agent,
} from '../store/index.ts';
import type { ControlDeps } from './deps.ts';
import { poolToJoin } from './pools/join.ts';
import { recoverLostRuns } from './runs/lost.ts';

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Lets an agent join a pool whose token it shows. Runs of its dead predecessors are queued again at once.
 * @throws ServiceError of `poolToJoin`, 400 for another version of the protocol.
 */
export async function registerAgent(
  deps: ControlDeps,
  joinToken: string,
  request: RegisterRequest,
): Promise<RegisterResponse> {
  const pool = await poolToJoin(deps, hashToken(joinToken), request);
  if (request.protocolVersion !== protocolVersion) {
    throw new ServiceError(
      400,
      'ProtocolVersionMismatch',
      `the agent speaks version ${request.protocolVersion} of the agent protocol, the server ${protocolVersion}; ` +
        'run the same release of slipway on both',
    );
  }
  const secret = randomBytes(32).toString('base64url');
  const place = { poolId: pool?.poolId, pool: pool ? agentPoolPlace(pool) : defaultPoolName };
  const joining = { ...request, ...place, agentId: deps.newId() };
  const agent = await upsertAgent(deps.store.db, joining, hashToken(secret));
  await expireLeasesOf(deps.store.db, request.deadInstanceIds);
  if (request.deadInstanceIds.length > 0) await recoverLostRuns(deps);
  deps.log.info({ agent: agent.name, pool: agent.pool }, 'agent joined');
  return {
    agentId: agent.agentId,
    agentToken: `${agent.agentId}.${secret}`,
    leaseSeconds: deps.config.leaseSeconds,
  };
}

/** The agent that a token belongs to. @throws ServiceError 401. */
export async function authenticateAgent(deps: ControlDeps, token: string): Promise<Agent> {
  const [agentId = '', secret = ''] = token.split('.');
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(agentId);
  const agent = isUuid ? await findAgentByToken(deps.store.db, agentId, hashToken(secret)) : undefined;
  if (agent) return agent;
  throw new ServiceError(
    401,
    'InvalidAgentToken',
    'the server does not know this agent; it has to register again',
  );
}

/** An agent leaves in good order: it no longer counts as connected, and a run in its hands is queued again. */
export async function deregisterAgent(deps: ControlDeps, agent: Agent): Promise<void> {
  await expireLeasesOf(deps.store.db, [agent.instanceId]);
  await recoverLostRuns(deps);
  await removeAgent(deps.store.db, agent.agentId);
  deps.log.info({ agent: agent.name }, 'agent left');
}

/** Agents of any pool that were heard of lately. */
export function countConnectedAgents(deps: ControlDeps): Promise<number> {
  return countLiveAgents(deps.store.db, deps.config.leaseSeconds * 2);
}
