import { isFinal, ServiceError, type Registry, type Run } from '../../model/index.ts';
import { appendToLog, endRun, notify, requestCancel } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { announceRun } from '../events/announce.ts';
import { lastLine } from './log-lines.ts';
import { getRun } from './read.ts';

/**
 * Runs_Cancel: a queued run ends at once; a running one is stopped by its agent within seconds.
 * @throws ServiceError 409 `RunAlreadyFinished`, saying how it ended.
 */
export async function cancelRun(deps: ControlDeps, registry: Registry, runId: string): Promise<void> {
  const run = await getRun(deps, registry, runId);
  const canceled = await deps.store.db.transaction().execute((trx) => stopRun(deps, trx, run.runKey));
  if (canceled) return;
  const ended = await getRun(deps, registry, runId);
  throw new ServiceError(
    409,
    'RunAlreadyFinished',
    `run ${runId} can no longer be canceled: it is ${ended.status}` +
      (isFinal(ended.status) && ended.finishTime ? ` since ${ended.finishTime.toISOString()}` : ''),
  );
}

/** Cancels a run in the caller's transaction; false when it has ended already. */
export async function stopRun(
  deps: ControlDeps,
  trx: Parameters<typeof endAsCanceled>[1],
  runKey: number,
): Promise<boolean> {
  const requested = await requestCancel(trx, runKey, deps.now());
  if (!requested) return false;
  if (requested.status === 'Queued') await endAsCanceled(deps, trx, requested);
  await notify(trx, 'cancel', runKey);
  return true;
}

/** Ends a run that no agent works on, with the last line of its log. */
export async function endAsCanceled(
  deps: ControlDeps,
  trx: Parameters<typeof appendToLog>[0],
  run: Run,
): Promise<void> {
  const now = deps.now();
  await appendToLog(trx, run.runKey, lastLine(now, `Run ID: ${run.runId} was canceled`));
  const outcome = {
    status: 'Canceled',
    errorMessage: undefined,
    outputImages: [],
    dependencies: [],
  } as const;
  const ended = await endRun(trx, run.runKey, { attempt: run.attempt }, outcome, now);
  if (ended) await announceRun(deps, trx, ended, 'RunFinished');
  await notify(trx, 'log', run.runKey);
  await notify(trx, 'ended', run.runKey);
}
