import { maxAttempts, type Run } from '../../model/index.ts';
import { appendToLog, endRun, findLostRuns, notify, requeueRun } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { announceRun } from '../events/announce.ts';
import { endAsCanceled } from './cancel.ts';
import { lastLine, logLine } from './log-lines.ts';

/**
 * Deals with every run whose agent was silent past its lease: it is queued again as its next attempt,
 * or ends when it was to be canceled or was lost too often. Any number of servers may do so at once.
 */
export async function recoverLostRuns(deps: ControlDeps): Promise<number> {
  const lost = await findLostRuns(deps.store.db, 100);
  for (const run of lost) await recoverLostRun(deps, run);
  return lost.length;
}

async function recoverLostRun(deps: ControlDeps, run: Run): Promise<void> {
  const now = deps.now();
  const overdue = run.startTime && now.getTime() - run.startTime.getTime() > (run.timeoutSeconds + 60) * 1000;
  await deps.store.db.transaction().execute(async (trx) => {
    const requeued = await requeueRun(trx, run, now);
    if (!requeued) return; // another server was faster, or the agent came back
    const queued: Run = { ...run, status: 'Queued' };
    if (run.isCancelRequested) return endAsCanceled(deps, trx, queued);
    if (overdue || run.attempt >= maxAttempts) {
      const reason = overdue
        ? `its agent did not end it ${run.timeoutSeconds} seconds after its start`
        : `its agent was lost ${run.attempt} times`;
      await appendToLog(trx, run.runKey, lastLine(now, `Run ID: ${run.runId} failed. Error: ${reason}`));
      const outcome = { status: 'Error', errorMessage: reason, outputImages: [], dependencies: [] } as const;
      const ended = await endRun(trx, run.runKey, { attempt: run.attempt }, outcome, now);
      if (ended) await announceRun(deps, trx, ended, 'RunFinished');
      await notify(trx, 'ended', run.runKey);
    } else {
      const message =
        `The agent of attempt ${run.attempt} was lost. ` +
        `Run ID: ${run.runId} is queued again; attempt ${run.attempt + 1} of ${maxAttempts} starts from the beginning.`;
      const line = Buffer.concat([Buffer.from('\r\n'), logLine(now, message)]);
      await appendToLog(trx, run.runKey, line);
      await deps.queue.enqueue(trx, requeued.queueName, run.runKey);
      await notify(trx, 'queued', requeued.queueName);
    }
    await notify(trx, 'log', run.runKey);
    deps.log.warn({ runId: run.runId, attempt: run.attempt }, 'the agent of a run was lost');
  });
}
