import { openForge, type CommitState } from '../../forges/index.ts';
import { messageOf, runPagePath, type RunStatus } from '../../model/index.ts';
import {
  deleteReport,
  deleteReportsOfPurgedRuns,
  findRegistryById,
  postponeReport,
  postponeReportsOfHook,
  setPendingReported,
  setReportError,
  takeDueReports,
  type CommitReport,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { isForgeAbsent, nextForgeTry } from './forge-tries.ts';
import { isLocal } from './hooks.ts';

const takenSeconds = 60;
const batch = 20;

/** How a run's status shows at its commit. */
function commitStateOf(status: RunStatus): CommitState {
  switch (status) {
    case 'Queued':
    case 'Started':
    case 'Running':
      return 'pending';
    case 'Succeeded':
      return 'success';
    case 'Failed':
      return 'failure';
    case 'Canceled':
    case 'Error':
    case 'Timeout':
      return 'error';
  }
}

/**
 * Has commits show where their runs stand: once when a run is queued, and once when it ended.
 * @returns whether there may be more to tell.
 */
export async function reportCommitStatuses(deps: ControlDeps): Promise<boolean> {
  const now = deps.now();
  const until = new Date(now.getTime() + takenSeconds * 1000);
  const due = await takeDueReports(deps.store.db, now, until, batch);
  await Promise.all(due.map((each) => report(deps, each)));
  return due.length === batch;
}

/** Where people open the portal: as clients reach the server, unless that is a name of this machine only. */
function portalHost({ config: { publicUrl, hooksUrl } }: ControlDeps): string {
  return isLocal(new URL(publicUrl).hostname) ? hooksUrl : publicUrl;
}

/** Forgets the reports of runs that are no more. */
export async function forgetReports(deps: ControlDeps): Promise<void> {
  await deleteReportsOfPurgedRuns(deps.store.db);
}

async function report(deps: ControlDeps, due: CommitReport): Promise<void> {
  const { db } = deps.store;
  const { registryId, runId, hookId, runStatus, tries } = due;
  const state = commitStateOf(runStatus);
  try {
    const registry = await findRegistryById(db, registryId);
    if (!registry) return; // its reports went with it
    const token = deps.sealer.open(due.token, registryId);
    const forge = await openForge(due.providerType, due.repositoryUrl, token);
    await forge.reportStatus({
      commitId: due.commitId,
      state,
      context: `slipway/${registry.name}/${due.taskName}`,
      description: state === 'pending' ? `run ${runId} is under way` : `run ${runId}: ${runStatus}`,
      targetUrl: `${portalHost(deps)}${runPagePath(registry, runId)}`,
    });
    if (state === 'pending') await setPendingReported(db, due, deps.now());
    else await deleteReport(db, due);
    await setReportError(db, hookId, undefined);
  } catch (error) {
    const reason = messageOf(error);
    await setReportError(db, hookId, reason);
    deps.log.warn({ runId, reason, tries }, 'a commit status cannot be reported');
    const nextTryAt = nextForgeTry(error, tries, deps.now());
    if (!nextTryAt) return deleteReport(db, due);
    await postponeReport(db, due, nextTryAt);
    // else those of other repositories would wait until each of this one's was tried
    if (isForgeAbsent(error)) await postponeReportsOfHook(db, hookId, nextTryAt);
  }
}
