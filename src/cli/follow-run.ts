import { setTimeout as delay } from 'node:timers/promises';
import type { Api, ApiRun } from './api/api.ts';
import { followLog } from './api/follow-log.ts';
import type { Display } from './display.ts';

/**
 * Shows a run until it ends. Ctrl-C cancels the run and still shows how it ends; a second one leaves it.
 */
export async function followRun(api: Api, runId: string, display: Display): Promise<ApiRun> {
  const ended = new AbortController();
  const onInterrupt = (): void => {
    process.once('SIGINT', () => process.exit(130));
    display.line(`Canceling run ${runId} (Ctrl-C again leaves it to itself)`);
    api.cancelRun(runId).catch((error: Error) => display.line(error.message));
  };
  process.once('SIGINT', onInterrupt);
  const watching = watchQueue(api, runId, display, ended.signal);
  try {
    await followLog(api, runId, (bytes) => display.log(bytes));
    return await api.getRun(runId);
  } finally {
    ended.abort();
    await watching;
    process.off('SIGINT', onInterrupt);
  }
}

/** Says how many runs are before it for as long as it waits; a run that starts soon costs no request. */
async function watchQueue(api: Api, runId: string, display: Display, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await delay(1000, undefined, { signal });
      const { status } = await api.getRun(runId);
      if (status !== 'Queued') return;
      const { position, connectedAgents } = await api.getQueuePosition(runId);
      const before = position === 1 ? '1 run before it' : `${position} runs before it`;
      display.status(
        connectedAgents === 0 ? 'Queued: no agent is connected that can run it' : `Queued, ${before}`,
      );
    }
  } catch {
    // the log says how it goes on
  }
}

/** The run's images as Docker takes them, with their digests. */
export function imagesOf(run: ApiRun): string[] {
  return (run.outputImages ?? []).map(({ registry = '', repository = '', tag, digest }) => {
    const name = `${registry}/${repository}`;
    return [name, tag && `:${tag}`, digest && `@${digest}`].filter(Boolean).join('');
  });
}
