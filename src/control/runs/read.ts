import { logCompletion, ServiceError, type Registry, type Run, type RunFilter } from '../../model/index.ts';
import {
  countLiveAgents,
  countQueuedBefore,
  findAgentPool,
  findRun,
  listRuns as selectRuns,
  setArchiveEnabled,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

/** Runs_Get. @throws ServiceError 404 `RunNotFound`. */
export async function getRun(deps: ControlDeps, registry: Registry, runId: string): Promise<Run> {
  const run = await findRun(deps.store.db, registry.registryId, runId);
  if (run) return run;
  throw runNotFound(registry, runId);
}

function runNotFound(registry: Registry, runId: string): ServiceError {
  return new ServiceError(404, 'RunNotFound', `there is no run ${runId} in registry ${registry.name}`);
}

export const runsPerPage = 100;

/** Runs_List, newest first, in pages of at most 100; `nextBefore` is there when more may follow. */
export async function listRuns(
  deps: ControlDeps,
  registry: Registry,
  page: { filter?: RunFilter; top?: number; before?: number },
): Promise<{ runs: Run[]; nextBefore?: number }> {
  const size = Math.min(page.top ?? runsPerPage, runsPerPage);
  const found = await selectRuns(deps.store.db, registry.registryId, {
    filter: page.filter,
    before: page.before,
    limit: size + 1,
  });
  const runs = found.slice(0, size);
  const last = runs.at(-1);
  return found.length > size && last ? { runs, nextBefore: last.runKey } : { runs };
}

/** Runs_Update. */
export async function updateRun(
  deps: ControlDeps,
  registry: Registry,
  runId: string,
  patch: { isArchiveEnabled?: boolean },
): Promise<Run> {
  const run = await getRun(deps, registry, runId);
  if (patch.isArchiveEnabled === undefined) return run;
  const updated = await setArchiveEnabled(deps.store.db, run.runKey, patch.isArchiveEnabled, deps.now());
  if (updated) return updated;
  throw runNotFound(registry, runId); // it was purged just now
}

/** How many runs are served before this one (0: it is next, or runs), and whether anybody serves its queue. */
export async function getQueuePosition(
  deps: ControlDeps,
  registry: Registry,
  runId: string,
): Promise<{ position: number; connectedAgents: number }> {
  const run = await getRun(deps, registry, runId);
  const { db } = deps.store;
  const pool = run.agentPoolName && (await findAgentPool(db, registry.registryId, run.agentPoolName));
  const queue = { poolId: pool ? pool.poolId : undefined, os: run.platform.os };
  const connectedAgents = await countLiveAgents(db, deps.config.leaseSeconds * 2, queue);
  return { position: run.status === 'Queued' ? await countQueuedBefore(db, run) : 0, connectedAgents };
}

/** What is known of a log: its length now, and how the run ended once it has. */
export interface RunLogState {
  readonly sizeBytes: number;
  readonly lastModified: Date;
  readonly etag: string;
  readonly complete?: string;
}

export function logStateOf(run: Run): RunLogState {
  const complete = logCompletion(run.status);
  return {
    sizeBytes: run.logSizeBytes,
    lastModified: run.lastUpdatedTime,
    // One tag for the whole life of a log: it only grows, so what a client has read stays true.
    etag: `"${run.registryId}-${run.runId}"`,
    ...(complete !== undefined && { complete }),
  };
}
