import { setTimeout as delay } from 'node:timers/promises';
import type { ControlDeps } from '../deps.ts';
import { catchUpOnImages, checkImages } from '../images/check.ts';
import { openSender } from '../events/send.ts';
import { reportCommitStatuses } from './commit-status.ts';
import { decideDeliveries } from './decide.ts';
import { findMovedHooks, makeMissingHooks } from './hooks.ts';
import { checkHooks, registerHooks } from './registration.ts';
import { fireTimers } from './timers.ts';

const lookEveryMs = 1000;
const imagesEveryMs = 500;
const messagesEveryMs = 500;

/**
 * Lets time and events start runs: timers and updated images become deliveries, and deliveries runs. Every server of a
 * deployment does so; what one takes the others leave alone.
 */
export async function startTriggers(deps: ControlDeps): Promise<{ stop(): Promise<void> }> {
  await catchUpOnImages(deps);
  const stopping = new AbortController();
  const { signal } = stopping;
  const forever = async (name: string, work: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (signal.aborted) return;
        deps.log.error({ err: error, duty: name }, 'triggers cannot be looked after');
        await delay(lookEveryMs, undefined, { signal }).catch(() => {});
      }
    }
  };
  const lookAtImages = async (whose: 'own' | 'others'): Promise<void> => {
    if ((await checkImages(deps, whose)) === 0)
      await delay(imagesEveryMs, undefined, { signal }).catch(() => {});
  };
  const aSecond = (): Promise<void> => delay(lookEveryMs, undefined, { signal }).catch(() => {});
  const sender = openSender(deps);
  let hasAllHooks = false;
  let hasFoundMovedHooks = false;
  const loops = [
    forever('own images', () => lookAtImages('own')),
    forever('other images', () => lookAtImages('others')),
    forever('events', () => sender.sendDue(messagesEveryMs, signal)),
    forever('hooks', async () => {
      if (!hasAllHooks) await makeMissingHooks(deps);
      hasAllHooks = true;
      await registerHooks(deps);
      await aSecond();
    }),
    forever('known hooks', async () => {
      if (!hasFoundMovedHooks) await findMovedHooks(deps);
      hasFoundMovedHooks = true;
      await checkHooks(deps);
      await aSecond();
    }),
    forever('commit statuses', async () => {
      if (!(await reportCommitStatuses(deps))) await aSecond();
    }),
    forever('timers', async () => {
      const pauseMs = await fireTimers(deps);
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }),
    forever('deliveries', async () => {
      // Listens before it looks, so that a delivery in between wakes it.
      const done = new AbortController();
      const woken = deps.store.notifier.wait('delivery', 'any', {
        timeoutMs: lookEveryMs,
        signal: AbortSignal.any([signal, done.signal]),
      });
      if ((await decideDeliveries(deps)) > 0) done.abort();
      await woken;
    }),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await sender.end();
    },
  };
}
