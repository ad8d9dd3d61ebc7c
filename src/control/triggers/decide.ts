import {
  deliveryPauseSeconds,
  maxDeliveryTries,
  messageOf,
  ServiceError,
  type Delivery,
  type Registry,
} from '../../model/index.ts';
import {
  decideDelivery,
  findRegistryById,
  insertCommitReport,
  postponeDelivery,
  takeDeliveries,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { prepareRun, queueRun } from '../runs/schedule.ts';
import { getTask } from '../tasks/tasks.ts';
import { queueImageRun, waitForBases } from './image-run.ts';
import { whyOutdated } from './match.ts';
import { isImageDelivery } from './merge-images.ts';
import { triggeredRequest } from './request.ts';

/** A delivery is this server's for so long; after a kill in the middle another one takes it up. */
const takenSeconds = 30;
const batch = 20;

/** Decides the deliveries that are due. @returns how many there were. */
export async function decideDeliveries(deps: ControlDeps): Promise<number> {
  const now = deps.now();
  const until = new Date(now.getTime() + takenSeconds * 1000);
  const taken = await takeDeliveries(deps.store.db, now, until, batch);
  for (const delivery of taken) await decide(deps, delivery);
  return taken.length;
}

async function decide(deps: ControlDeps, delivery: Delivery): Promise<void> {
  const { deliveryId, registryId, taskName, tries } = delivery;
  try {
    const registry = await findRegistryById(deps.store.db, registryId);
    if (registry) await startRun(deps, registry, delivery);
  } catch (error) {
    const { db } = deps.store;
    const reason = messageOf(error);
    const fields = { deliveryId, task: taskName, reason };
    if (isHopeless(error)) {
      await decideDelivery(db, deliveryId, { status: 'Ignored', reason }, deps.now());
    } else if (tries >= maxDeliveryTries) {
      await decideDelivery(db, deliveryId, { status: 'Failed', reason }, deps.now());
      deps.log.warn(fields, 'a triggered run could not be started');
    } else {
      const nextTryAt = new Date(deps.now().getTime() + deliveryPauseSeconds(tries) * 1000);
      await postponeDelivery(db, deliveryId, reason, nextTryAt);
      if (!(error instanceof ServiceError)) deps.log.error({ ...fields, err: error }, 'a trigger failed');
    }
  }
}

/** The run and the decision are one transaction: whatever dies when, the event has one outcome. */
async function startRun(deps: ControlDeps, registry: Registry, delivery: Delivery): Promise<void> {
  const { deliveryId, registryId, taskName, trigger } = delivery;
  if (isImageDelivery(delivery) && (await waitForBases(deps, delivery))) return;
  const task = await getTask(deps, registry, taskName);
  const outdated = whyOutdated(task.properties, delivery);
  if (outdated !== undefined) {
    await decideDelivery(deps.store.db, deliveryId, { status: 'Ignored', reason: outdated }, deps.now());
    return;
  }
  const imageTrigger = task.properties.trigger?.baseImageTrigger;
  const request = triggeredRequest(registry, task, trigger);
  const prepared = await prepareRun(deps, registry, request, { trigger });
  const runId = await deps.store.db
    .transaction()
    .execute(async (trx) => {
      if (isImageDelivery(delivery))
        return (await queueImageRun(deps, trx, registry, delivery, prepared, imageTrigger))?.runId;
      const run = await queueRun(deps, trx, registry, prepared);
      const isOurs = await decideDelivery(
        trx,
        deliveryId,
        { status: 'Started', runId: run.runId },
        deps.now(),
      );
      if (!isOurs) throw new AlreadyDecided();
      if (trigger.kind === 'source') {
        const { runId } = run;
        const { triggerName } = delivery;
        const { commitId } = trigger;
        const now = deps.now();
        await insertCommitReport(trx, { registryId, runId, taskName, triggerName, commitId, now });
      }
      return run.runId;
    })
    .catch((error: unknown) => {
      if (error instanceof AlreadyDecided) return undefined;
      throw error;
    });
  if (runId !== undefined)
    deps.log.info({ runId, task: taskName, trigger: trigger.kind, deliveryId }, 'run queued by a trigger');
}

/** Another server was as fast: the transaction is undone. */
class AlreadyDecided extends Error {}

/** The task is gone or disabled: trying again would not help. */
function isHopeless(error: unknown): boolean {
  return error instanceof ServiceError && (error.statusCode === 404 || error.code === 'TaskDisabled');
}
