import { agentPoolResourceId, runQueueName, type AgentPool } from '../../model/index.ts';
import {
  countLiveAgents,
  deleteAgentPoolRow,
  endOperationsOf,
  findRegistryById,
  findRunsUnderWay,
  findUnsettledAgentPools,
  isAgentPoolHosted,
  setAgentPoolState,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { moveRunsToDefaultPool } from './drain.ts';

/** A deleted pool stays readable for so long: az gets it right after DELETE and fails when it is gone. */
const shownSeconds = 10;
/** So long a server that starts agents has to take a pool; without one they are to join from elsewhere. */
const hostGraceMs = 2000;
/** Agents that are not there by then are a failure. */
const agentsTimeoutMs = 120_000;

/** Ends what was begun with agent pools, as their rows and agents say. Any number of servers may do so. */
export async function settleAgentPools(deps: ControlDeps): Promise<void> {
  for (const pool of await findUnsettledAgentPools(deps.store.db, 100)) {
    if (pool.provisioningState === 'Deleting') await settleDeletion(deps, pool);
    else await settleChange(deps, pool);
  }
}

async function settleChange(deps: ControlDeps, pool: AgentPool): Promise<void> {
  const { db } = deps.store;
  const connected = await countLiveAgents(db, deps.config.leaseSeconds * 2, pool);
  const ageMs = deps.now().getTime() - pool.changedAt.getTime();
  const areFromElsewhere = ageMs > hostGraceMs && !(await isAgentPoolHosted(db, pool.poolId));
  if (connected >= pool.count || areFromElsewhere) return endIn(deps, pool, 'Succeeded');
  if (pool.provisioningState !== 'Failed' && ageMs > agentsTimeoutMs) {
    await endIn(deps, pool, 'Failed', {
      code: 'AgentsDidNotStart',
      message:
        `${connected} of ${pool.count} agents of ${pool.name} are connected after ${agentsTimeoutMs / 1000} ` +
        'seconds; the log of the server says why the others are not. It goes on trying.',
    });
  }
}

async function endIn(
  deps: ControlDeps,
  pool: AgentPool,
  state: 'Succeeded' | 'Failed',
  error?: { code: string; message: string },
): Promise<void> {
  const registry = await findRegistryById(deps.store.db, pool.registryId);
  if (!registry) return;
  await deps.store.db.transaction().execute(async (trx) => {
    if (!(await setAgentPoolState(trx, pool, state))) return; // it changed, or another server was faster
    await endOperationsOf(trx, agentPoolResourceId(registry, pool.name), state, error);
  });
  deps.log.info({ pool: pool.name, registry: registry.name, state }, 'agent pool settled');
}

async function settleDeletion(deps: ControlDeps, pool: AgentPool): Promise<void> {
  const { db } = deps.store;
  const registry = await findRegistryById(db, pool.registryId);
  if (!registry) return;
  const isGone = await db.transaction().execute(async (trx) => {
    // Runs that were lost meanwhile wait again.
    await moveRunsToDefaultPool(deps, trx, pool, { isForced: false });
    if ((await findRunsUnderWay(trx, runQueueName(pool, pool.os))).length > 0) return false;
    if (!(await deleteAgentPoolRow(trx, pool.poolId, shownSeconds))) return false;
    await endOperationsOf(trx, agentPoolResourceId(registry, pool.name), 'Succeeded');
    return true;
  });
  if (isGone) deps.log.info({ pool: pool.name, registry: registry.name }, 'agent pool deleted');
}
