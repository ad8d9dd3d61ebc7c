import { runLimits, runQueueName, ServiceError, type AgentPool } from '../../model/index.ts';
import type { RunAssignment } from '../../protocol/index.ts';
import type { Agent } from '../../store/index.ts';
import {
  type ClaimedRun,
  claimRun,
  findAgentPoolById,
  findRegistryById,
  findStartedRun,
  holdAgentPool,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { announceRun } from '../events/announce.ts';
import { openSecrets } from '../sealed.ts';
import type { WorkRequest } from '../tasks/task-request.ts';
import { failRun } from './fail.ts';
import { loginsOf } from './logins.ts';
import { runVariables } from './run-variables.ts';
import { runWork } from './run-work.ts';
import { isUploadPath, uploadReadUrl } from './source-location.ts';
import { pushRepositories } from './templates.ts';

/**
 * The next run for an agent, with all that it needs; waits for one up to `waitMs` and answers undefined
 * when none came. Waiting agents are woken when a run is queued.
 */
export async function nextAssignment(
  deps: ControlDeps,
  agent: Agent,
  waitMs: number,
  signal: AbortSignal,
): Promise<RunAssignment | undefined> {
  const unanswered = await findStartedRun(deps.store.db, agent.agentId, deps.config.leaseSeconds);
  const { poolId } = agent;
  const pool = poolId === undefined ? undefined : await findAgentPoolById(deps.store.db, poolId);
  // The answer to its claim did not reach it.
  const again = unanswered && (await assign(deps, pool, unanswered));
  if (again) return again;
  if (poolId !== undefined && !pool) return undefined; // the agent learns so when it calls again
  const queueName = runQueueName(pool, agent.os);
  await deps.queue.ensure(queueName);
  const deadline = deps.now().getTime() + waitMs;
  while (!signal.aborted) {
    const remaining = Math.max(0, deadline - deps.now().getTime());
    // Listens before it looks, so that a run queued in between wakes it.
    const listening = new AbortController();
    const woken = deps.store.notifier.wait('queued', queueName, {
      timeoutMs: remaining,
      signal: AbortSignal.any([signal, listening.signal]),
    });
    const claimed = await claimNext(deps, agent, queueName);
    if (claimed !== undefined || remaining === 0) listening.abort();
    if (claimed === 'stale') continue;
    const assignment = claimed && (await assign(deps, pool, claimed));
    if (assignment) return assignment;
    if (claimed) continue;
    if (remaining === 0) return undefined;
    await woken;
  }
  return undefined;
}

/** Takes a ticket and its run in one transaction; `stale` is the ticket of a run that waits no more. */
async function claimNext(
  deps: ControlDeps,
  agent: Agent,
  queueName: string,
): Promise<ClaimedRun | 'stale' | undefined> {
  return deps.store.db.transaction().execute(async (trx) => {
    const isPaused = agent.poolId !== undefined && !(await holdAgentPool(trx, agent.poolId))?.count;
    if (isPaused) return undefined;
    const runKey = await deps.queue.take(trx, queueName);
    if (runKey === undefined) return undefined;
    const now = deps.now();
    const claimed = await claimRun(trx, queueName, runKey, agent.agentId, deps.config.leaseSeconds, now);
    if (!claimed) return 'stale';
    const { run } = claimed;
    if (run.attempt === 1) await announceRun(deps, trx, run, 'RunStarted');
    deps.log.info({ runId: run.runId, attempt: run.attempt, agent: agent.name }, 'run started');
    return claimed;
  });
}

/** What a run needs; when that is not to be had the run ends as `Failed`, and the answer is undefined. */
async function assign(
  deps: ControlDeps,
  pool: AgentPool | undefined,
  claimed: ClaimedRun,
): Promise<RunAssignment | undefined> {
  try {
    return await toAssignment(deps, pool, claimed);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    await failRun(deps, claimed.run, error.message);
    return undefined;
  }
}

async function toAssignment(
  deps: ControlDeps,
  pool: AgentPool | undefined,
  { run, request: stored }: ClaimedRun,
): Promise<RunAssignment> {
  const registry = await findRegistryById(deps.store.db, run.registryId);
  if (!registry) throw new Error(`run ${run.runId} belongs to a registry that is gone`);
  const request = openSecrets(deps.sealer, run.registryId, stored) as WorkRequest; // written by queueRun only
  const variables = runVariables(registry, run);
  const repositories = pushRepositories(registry, request, variables);
  return {
    runKey: run.runKey,
    runId: run.runId,
    attempt: run.attempt,
    timeoutSeconds: run.timeoutSeconds,
    platform: run.platform,
    limits: runLimits(pool?.tier, run.cpu),
    registryName: registry.name,
    loginServer: registry.loginServer,
    logins: await loginsOf(deps, registry, run, request.credentials ?? {}, repositories),
    source: sourceOf(deps, run.registryId, request),
    variables,
    work: runWork(request, run.taskName),
  };
}

function sourceOf(
  deps: ControlDeps,
  registryId: string,
  { sourceLocation: location, contextAccessToken }: WorkRequest,
): RunAssignment['source'] {
  if (location === undefined) return undefined;
  const credential = contextAccessToken?.reveal();
  // An empty token means none.
  if (!isUploadPath(location)) return { kind: 'remote', location, ...(credential && { credential }) };
  return { kind: 'upload', url: uploadReadUrl(deps, registryId, location) };
}
