import { ServiceError, type FinalRunStatus } from '../../model/index.ts';
import type { CompleteRequest } from '../../protocol/index.ts';
import { appendLog, endRun, extendLease, isEndedBy, type LeaseHolder, notify } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { announceRun } from '../events/announce.ts';
import { rememberImages } from '../images/remember.ts';

/** What is said to an agent whose attempt is over. */
export function leaseLost(holder: LeaseHolder): ServiceError {
  return new ServiceError(
    409,
    'LeaseLost',
    `attempt ${holder.attempt} no longer has the run: it was silent past its lease, or the run has ended`,
  );
}

/**
 * Extends the lease, then waits until the run is to be canceled or `waitMs` are over.
 * @throws ServiceError 409 `LeaseLost`.
 */
export async function heartbeat(
  deps: ControlDeps,
  holder: LeaseHolder,
  waitMs: number,
  signal: AbortSignal,
): Promise<{ isCancelRequested: boolean }> {
  const listening = new AbortController();
  const woken = deps.store.notifier.wait('cancel', holder.runKey, {
    timeoutMs: waitMs,
    signal: AbortSignal.any([signal, listening.signal]),
  });
  const extend = async (): Promise<{ isCancelRequested: boolean }> => {
    const state = await extendLease(deps.store.db, holder, deps.config.leaseSeconds);
    if (!state) throw leaseLost(holder);
    return state;
  };
  try {
    const now = await extend();
    if (now.isCancelRequested || waitMs === 0) return now;
    await woken;
    return signal.aborted ? now : await extend();
  } finally {
    listening.abort();
  }
}

/**
 * Stores a piece of the attempt's log once; a piece that starts elsewhere is not stored, and the answer
 * says where the next one starts. @throws ServiceError 409 `LeaseLost`.
 */
export async function recordLog(
  deps: ControlDeps,
  holder: LeaseHolder,
  offset: number,
  bytes: Uint8Array,
): Promise<{ nextOffset: number }> {
  const result = await appendLog(deps.store.db, holder, offset, bytes);
  if (!result) throw leaseLost(holder);
  return { nextOffset: result.nextOffset };
}

/** Ends the run as its agent reports. Repeating the report changes nothing. @throws ServiceError 409. */
export async function completeAttempt(
  deps: ControlDeps,
  holder: LeaseHolder,
  report: CompleteRequest,
): Promise<void> {
  const outcome = {
    status: report.status satisfies FinalRunStatus,
    errorMessage: report.errorMessage,
    outputImages: report.outputImages,
    dependencies: report.dependencies,
  };
  const run = await deps.store.db.transaction().execute(async (trx) => {
    const ended = await endRun(trx, holder.runKey, holder, outcome, deps.now());
    if (!ended) return undefined;
    await rememberImages(trx, ended, deps.now());
    await announceRun(deps, trx, ended, 'RunFinished');
    await notify(trx, 'log', holder.runKey);
    await notify(trx, 'ended', holder.runKey);
    return ended;
  });
  if (run) deps.log.info({ runId: run.runId, attempt: run.attempt, status: run.status }, 'run ended');
  else if (!(await isEndedBy(deps.store.db, holder))) throw leaseLost(holder);
}
