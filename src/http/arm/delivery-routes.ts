import { getDeliveries, getDelivery, redeliver, type ControlDeps } from '../../control/index.ts';
import {
  deliveryStatuses,
  registryResourceId,
  ServiceError,
  type DeliveryStatus,
} from '../../model/index.ts';
import type { Router } from './router.ts';
import { nextLinkOf, readRunPage } from './run-page.ts';
import { deliveryBody } from './wire-delivery.ts';

const kind = 'Microsoft.ContainerRegistry/registries/deliveries';
const versions = 'tasks';

/** Ours: the events that started runs, or did not, and why. The specification has no word for them. */
export function deliveryRoutes(router: Router, control: ControlDeps): void {
  router.inRegistry(
    { method: 'GET', path: '/deliveries', action: `${kind}/read`, versions },
    async ({ registry, query }) => {
      const { top, before } = readRunPage({ $top: query.$top, $skiptoken: query.$skiptoken });
      const { deliveries, nextBefore } = await getDeliveries(control, registry, {
        ...(query.taskName && { taskName: query.taskName }),
        ...(query.status && { status: readStatus(query.status) }),
        ...(top !== undefined && { top }),
        ...(before !== undefined && { before }),
      });
      const url = `${control.config.publicUrl}${registryResourceId(registry)}/deliveries`;
      const nextLink = nextLinkOf(url, query, deliveries.length, nextBefore);
      return {
        value: deliveries.map((each) => deliveryBody(registry, each)),
        ...(nextLink !== undefined && { nextLink }),
      };
    },
  );
  const one = '/deliveries/:deliveryId';
  router.inRegistry(
    { method: 'GET', path: one, action: `${kind}/read`, versions },
    async ({ registry, params }) =>
      deliveryBody(registry, await getDelivery(control, registry, params.deliveryId ?? '')),
  );
  router.inRegistry(
    { method: 'POST', path: `${one}/redeliver`, action: `${kind}/redeliver/action`, versions },
    async ({ registry, caller, params }) =>
      deliveryBody(registry, await redeliver(control, caller, registry, params.deliveryId ?? '')),
  );
}

/** In any case. @throws ServiceError 400 `InvalidParameter`. */
function readStatus(given: string): DeliveryStatus {
  const found = deliveryStatuses.find((each) => each.toLowerCase() === given.toLowerCase());
  if (found) return found;
  const message = `status is ${JSON.stringify(given)}; it must be one of ${deliveryStatuses.join(', ')}.`;
  throw new ServiceError(400, 'InvalidParameter', message, { target: 'status' });
}
