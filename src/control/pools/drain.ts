import { runQueueName, type AgentPool, type Run } from '../../model/index.ts';
import { appendToLog, findRunsUnderWay, moveQueuedRuns, notify, requeueRun } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { logLine } from '../runs/log-lines.ts';

/**
 * Sends what waits for a pool to the default pool, which serves the same operating system, in its order;
 * with `isForced` also what is under way: its agent loses it, and it begins again as its next attempt.
 * Each run's log says so.
 */
export async function moveRunsToDefaultPool(
  deps: ControlDeps,
  trx: Parameters<typeof moveQueuedRuns>[0],
  pool: AgentPool,
  { isForced }: { isForced: boolean },
): Promise<void> {
  const from = runQueueName(pool, pool.os);
  const to = runQueueName(undefined, pool.os);
  const taken = new Set<number>();
  for (const run of isForced ? await findRunsUnderWay(trx, from) : []) {
    if (await requeueRun(trx, run, deps.now())) taken.add(run.runKey);
  }
  const moved = await moveQueuedRuns(trx, from, to);
  for (const run of moved) {
    const message = taken.has(run.runKey) ? takenMessage(pool, run) : waitingMessage(pool);
    await appendToLog(trx, run.runKey, message(deps.now()));
    await deps.queue.enqueue(trx, to, run.runKey);
    await notify(trx, 'log', run.runKey);
  }
  if (moved.length > 0) await notify(trx, 'queued', to);
}

function waitingMessage({ name }: AgentPool): (now: Date) => Uint8Array {
  return (now) =>
    logLine(now, `Agent pool '${name}' is being deleted: the run waits for the default pool now.`);
}

function takenMessage({ name }: AgentPool, { runId, attempt }: Run): (now: Date) => Uint8Array {
  const message =
    `Agent pool '${name}' was deleted by force: Run ID: ${runId} is queued again, for the default pool; ` +
    `attempt ${attempt + 1} starts from the beginning.`;
  return (now) => Buffer.concat([Buffer.from('\r\n'), logLine(now, message)]);
}
