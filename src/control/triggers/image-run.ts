import type { Registry, Run } from '../../model/index.ts';
import {
  decideDelivery,
  findTaskBaseImages,
  findUnsettledBase,
  holdDelivery,
  lockImageDeliveries,
} from '../../store/index.ts';
import type { BaseImageTrigger } from '../../spec/index.ts';
import type { ControlDeps } from '../deps.ts';
import { announceImageUpdate } from '../events/announce.ts';
import { queueRun, type PreparedRun } from '../runs/schedule.ts';
import { isImageDelivery, mergeImages, type ImageDelivery } from './merge-images.ts';

/** It looks again after a tenth of the time that it waited, within these bounds: many may wait, and for long. */
const soonestLookMs = 1000;
const latestLookMs = 30_000;

/**
 * Puts a delivery off while an image below its task is about to be rebuilt: of base → middle → app, app waits
 * for middle and runs once. Pushes that go on for long start one run of a task after the other, not many at once.
 * @returns whether it waits.
 */
export async function waitForBases(deps: ControlDeps, delivery: ImageDelivery): Promise<boolean> {
  if (delivery.redeliveryOf !== undefined) return false;
  const { deliveryId, registryId, taskName } = delivery;
  const found = await findUnsettledBase(deps.store.db, registryId, taskName);
  if (!found) return false;
  const reason = reasonToWait(found, taskName);
  const now = deps.now().getTime();
  const waitedMs = now - delivery.receivedAt.getTime();
  const pauseMs = Math.min(latestLookMs, Math.max(soonestLookMs, waitedMs / 10));
  await holdDelivery(deps.store.db, deliveryId, reason, new Date(now + pauseMs));
  return true;
}

function reasonToWait(
  found: NonNullable<Awaited<ReturnType<typeof findUnsettledBase>>>,
  taskName: string,
): string {
  if ('runId' in found) return `waits for run ${found.runId}, which an earlier update has started`;
  if ('image' in found) return `waits until the pushes of ${found.image} have settled`;
  return `waits for the task ${found.task}, which makes an image that ${taskName} stands on`;
}

/**
 * Starts one run for all images of a task that are pending, in the caller's transaction; undefined when the
 * task was built from them all since, or another server was as fast.
 */
export async function queueImageRun(
  deps: ControlDeps,
  trx: Parameters<typeof queueRun>[1],
  registry: Registry,
  delivery: ImageDelivery,
  prepared: PreparedRun,
  imageTrigger: BaseImageTrigger | undefined,
): Promise<Run | undefined> {
  const { deliveryId, registryId, taskName } = delivery;
  const now = deps.now();
  const pending = (await lockImageDeliveries(trx, registryId, taskName)).filter(isImageDelivery);
  if (!pending.some((each) => each.deliveryId === deliveryId)) return undefined;
  const others = pending.filter((each) => each.deliveryId !== deliveryId);
  const trigger = mergeImages(delivery, others, await findTaskBaseImages(trx, registryId, taskName));
  if (!trigger) {
    for (const each of pending) {
      const reason = `the task ${taskName} was built from it since`;
      await decideDelivery(trx, each.deliveryId, { status: 'Ignored', reason }, now);
    }
    return undefined;
  }
  const run = await queueRun(deps, trx, registry, { ...prepared, trigger });
  if (imageTrigger) await announceImageUpdate(deps, trx, registry, run, imageTrigger, trigger);
  await decideDelivery(trx, deliveryId, { status: 'Started', runId: run.runId }, now);
  for (const each of others) {
    const reason = `it is in run ${run.runId}, with delivery ${deliveryId}`;
    await decideDelivery(trx, each.deliveryId, { status: 'Ignored', reason }, now);
  }
  return run;
}
