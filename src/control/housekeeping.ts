import { renewLeases } from '../store/index.ts';
import type { ControlDeps } from './deps.ts';
import { sealLogs } from './runs/logs.ts';
import { recoverLostRuns } from './runs/lost.ts';

/**
 * What the service does by itself while it runs: recovers lost runs and seals the logs of ended ones,
 * once a second each. Every server of a deployment does so.
 */
export async function startHousekeeping(deps: ControlDeps): Promise<{ stop(): Promise<void> }> {
  await renewLeases(deps.store.db, deps.config.leaseSeconds);
  const stopping = new AbortController();
  const loops = [recoverLostRuns, sealLogs].map(async (duty) => {
    while (!stopping.signal.aborted) {
      try {
        await duty(deps);
      } catch (error) {
        if (!stopping.signal.aborted) deps.log.error({ err: error, duty: duty.name }, 'housekeeping failed');
      }
      await pause(1000, stopping.signal);
    }
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
