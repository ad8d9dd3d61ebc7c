import { ServiceError, type Delivery, type DeliveryStatus, type Registry } from '../../model/index.ts';
import {
  deleteDeliveriesBefore,
  findDelivery,
  insertDelivery,
  listDeliveries,
  notify,
} from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';

const deliveriesPerPage = 100;
const dayMs = 24 * 3600 * 1000;
const batch = 200;

/** The events of a registry, newest first, in pages; `nextBefore` is there when more may follow. */
export async function getDeliveries(
  deps: ControlDeps,
  registry: Registry,
  page: { taskName?: string; status?: DeliveryStatus; before?: number; top?: number },
): Promise<{ deliveries: Delivery[]; nextBefore?: number }> {
  const size = Math.min(page.top ?? deliveriesPerPage, deliveriesPerPage);
  const found = await listDeliveries(deps.store.db, registry.registryId, {
    taskName: page.taskName,
    status: page.status,
    before: page.before,
    limit: size + 1,
  });
  const deliveries = found.slice(0, size);
  const last = deliveries.at(-1);
  return found.length > size && last ? { deliveries, nextBefore: last.deliveryId } : { deliveries };
}

/** @throws ServiceError 404 `DeliveryNotFound`. */
export async function getDelivery(deps: ControlDeps, registry: Registry, id: string): Promise<Delivery> {
  const found = await findDelivery(deps.store.db, registry.registryId, Number(id));
  if (found) return found;
  const message = `there is no delivery ${JSON.stringify(id)} in registry ${registry.name}; they are forgotten with the runs of their time`;
  throw new ServiceError(404, 'DeliveryNotFound', message);
}

/**
 * Has an event decided once more, as a delivery of its own; so a pull request of a fork is approved, at this
 * very commit. @throws ServiceError 404 `DeliveryNotFound`; 409 `NothingToRun` for an event without a commit.
 */
export async function redeliver(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  id: string,
): Promise<Delivery> {
  const earlier = await getDelivery(deps, registry, id);
  const { registryId, taskName, triggerName, trigger, deliveryId } = earlier;
  if (trigger.kind === 'source' && /^0*$/.test(trigger.commitId)) {
    const message = `delivery ${id} names no commit that could run: ${earlier.reason ?? 'it has none'}`;
    throw new ServiceError(409, 'NothingToRun', message);
  }
  const again = await deps.store.db.transaction().execute(async (trx) => {
    const eventKey = `redelivery ${deps.newId()}`;
    const now = deps.now();
    const redelivery = {
      registryId,
      taskName,
      triggerName,
      trigger,
      eventKey,
      now,
      redeliveryOf: deliveryId,
    };
    const inserted = await insertDelivery(trx, redelivery);
    await notify(trx, 'delivery', 'any');
    return inserted;
  });
  if (!again) throw new Error('a new id was there already');
  deps.log.info({ deliveryId, by: caller.displayName }, 'delivery sent again');
  return again;
}

/** Forgets deliveries that were decided longer ago than runs are kept. */
export async function forgetDeliveries(deps: ControlDeps): Promise<void> {
  const { retentionDays } = deps.config;
  if (retentionDays === 0) return;
  const oldest = new Date(deps.now().getTime() - retentionDays * dayMs);
  while ((await deleteDeliveriesBefore(deps.store.db, oldest, batch)) === batch);
}
