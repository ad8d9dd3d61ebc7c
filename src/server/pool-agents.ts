import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { hostedAgentPools, leaveAgentPools, waitForAgentPools, type ControlDeps } from '../control/index.ts';
import { agentPoolPlace, messageOf, type AgentPool } from '../model/index.ts';
import { keepAgentRunning } from './agent-process.ts';
import type { LocalAgentsOptions } from './local-agents.ts';

/** A place for one agent of a pool, taken until its process has ended. */
interface Slot {
  readonly poolId: string;
  readonly index: number;
  drain(): void;
  readonly ended: Promise<void>;
}

/**
 * Starts and stops agents so that each pool has as many as it wants; of several servers one does so for a
 * pool. Agents that are too many finish the run in hand first.
 */
export function startPoolAgents(
  control: ControlDeps,
  options: Omit<LocalAgentsOptions, 'count'>,
): { stop(): Promise<void> } {
  const { directory, ...connection } = options;
  const { log } = control;
  // The same after a restart: a data directory has one server.
  const hostId = `${os.hostname()}:${directory}`;
  const stopping = new AbortController();
  const slots = new Map<string, Slot>();

  const open = (pool: AgentPool, index: number): void => {
    const key = `${pool.poolId}/${index}`;
    const draining = new AbortController();
    const signals = { drain: draining.signal, stop: stopping.signal };
    const workDirectory = path.join(directory, pool.poolId, `${index}`);
    const place = { name: `${pool.name}-${index}`, pool: agentPoolPlace(pool), workDirectory };
    const ended = keepAgentRunning({ ...connection, ...place }, signals, log)
      .then(async () => {
        if (draining.signal.aborted) await rm(workDirectory, { recursive: true, force: true });
      })
      .catch((error: unknown) => log.error({ pool: place.pool, reason: messageOf(error) }, 'an agent failed'))
      .finally(() => slots.delete(key));
    slots.set(key, { poolId: pool.poolId, index, drain: () => draining.abort(), ended });
  };
  const adjust = async (): Promise<void> => {
    const pools = await hostedAgentPools(control, hostId, process.platform);
    const wanted = new Map(pools.map((pool) => [pool.poolId, wantedAgents(pool)]));
    for (const slot of slots.values()) {
      if (slot.index > (wanted.get(slot.poolId) ?? 0)) slot.drain();
    }
    for (const pool of pools) {
      for (let index = 1; index <= wantedAgents(pool); index += 1) {
        if (!slots.has(`${pool.poolId}/${index}`)) open(pool, index);
      }
    }
  };
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const changed = waitForAgentPools(control, stopping.signal); // listens before it looks
      try {
        await adjust();
      } catch (error) {
        log.error({ err: error }, 'could not look after the agents of pools');
      }
      await changed;
    }
  };
  const working = work();
  return {
    async stop() {
      stopping.abort();
      await working;
      await Promise.all([...slots.values()].map(({ ended }) => ended));
      await leaveAgentPools(control, hostId);
    },
  };
}

function wantedAgents({ provisioningState, count }: AgentPool): number {
  return provisioningState === 'Deleting' ? 0 : count;
}
