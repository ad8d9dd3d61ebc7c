import type { Run } from '../../model/index.ts';
import { appendToLog, endRun, notify } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { announceRun } from '../events/announce.ts';
import { lastLine } from './log-lines.ts';

/** Ends an attempt that cannot begin, with the reason in its log. */
export async function failRun(deps: ControlDeps, run: Run, reason: string): Promise<void> {
  const now = deps.now();
  const outcome = { status: 'Failed', errorMessage: reason, outputImages: [], dependencies: [] } as const;
  await deps.store.db.transaction().execute(async (trx) => {
    const ended = await endRun(trx, run.runKey, { attempt: run.attempt }, outcome, now);
    if (!ended) return; // it is over already
    await announceRun(deps, trx, ended, 'RunFinished');
    await appendToLog(trx, run.runKey, lastLine(now, `Run ID: ${run.runId} failed. Error: ${reason}`));
    await notify(trx, 'log', run.runKey);
    await notify(trx, 'ended', run.runKey);
  });
  deps.log.warn({ runId: run.runId, attempt: run.attempt, reason }, 'a run could not begin');
}
