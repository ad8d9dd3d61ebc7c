import type { AgentPool } from '../../model/index.ts';
import { claimAgentPools, releaseAgentPools } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

/** A server that is silent for so long leaves its pools to another one. */
const hostSeconds = 15;
const lookEveryMs = 1000;

/**
 * The pools whose agents this server starts: of several servers each pool has one. To be asked once a
 * second or so. @param hostId the same after a restart, so that its pools are its own at once.
 */
export function hostedAgentPools(deps: ControlDeps, hostId: string, os: string): Promise<AgentPool[]> {
  return claimAgentPools(deps.store.db, hostId, os, hostSeconds);
}

/** This server stops: its pools are free for others. */
export function leaveAgentPools(deps: ControlDeps, hostId: string): Promise<void> {
  return releaseAgentPools(deps.store.db, hostId);
}

/** Waits until pools change, at most a second. */
export function waitForAgentPools(deps: ControlDeps, signal: AbortSignal): Promise<void> {
  return deps.store.notifier.wait('pools', 'all', { timeoutMs: lookEveryMs, signal });
}
