import { setTimeout as delay } from 'node:timers/promises';
import { renewLeases } from '../store/index.ts';
import type { ControlDeps } from './deps.ts';
import { forgetMessages } from './events/send.ts';
import { forgetOperations } from './operations.ts';
import { finishDeletions } from './resources/deletions.ts';
import { startRegistries } from './resources/first.ts';
import { purgeRuns, removeBlobs } from './retention.ts';
import { pushLogArtifacts } from './runs/log-artifacts.ts';
import { settleAgentPools } from './pools/settle.ts';
import { sealLogs } from './runs/logs.ts';
import { recoverLostRuns } from './runs/lost.ts';
import { mendTimes } from './triggers/clock.ts';
import { forgetReports } from './triggers/commit-status.ts';
import { forgetDeliveries } from './triggers/deliveries.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** What the service does by itself, and how often. Every server of a deployment does so. */
const duties: readonly {
  readonly work: (deps: ControlDeps) => Promise<unknown>;
  readonly everyMs: number;
}[] = [
  { work: recoverLostRuns, everyMs: second },
  { work: sealLogs, everyMs: second },
  { work: pushLogArtifacts, everyMs: second },
  { work: startRegistries, everyMs: second },
  { work: finishDeletions, everyMs: second },
  { work: settleAgentPools, everyMs: second },
  { work: mendTimes, everyMs: 10 * minute },
  { work: forgetOperations, everyMs: hour },
  { work: purgeRuns, everyMs: hour },
  { work: forgetDeliveries, everyMs: hour },
  { work: forgetMessages, everyMs: hour },
  { work: forgetReports, everyMs: hour },
  { work: removeBlobs, everyMs: second },
];

/** Begins the duties; runs that were under way keep their leases for a full length more. */
export async function startHousekeeping(deps: ControlDeps): Promise<{ stop(): Promise<void> }> {
  await renewLeases(deps.store.db, deps.config.leaseSeconds);
  const stopping = new AbortController();
  const loops = duties.map(async ({ work, everyMs }) => {
    while (!stopping.signal.aborted) {
      try {
        await work(deps);
      } catch (error) {
        if (!stopping.signal.aborted) deps.log.error({ err: error, duty: work.name }, 'housekeeping failed');
      }
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
