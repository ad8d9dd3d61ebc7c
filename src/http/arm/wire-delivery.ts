import { registryResourceId, type Delivery, type Registry } from '../../model/index.ts';
import { triggerBody } from './wire-run.ts';
import { wireTime } from './wire-time.ts';

/** A delivery, shaped as the resources of the specification are. */
export function deliveryBody(registry: Registry, delivery: Delivery): object {
  const { deliveryId, reason, runId, decidedAt, redeliveryOf } = delivery;
  return {
    type: 'Microsoft.ContainerRegistry/registries/deliveries',
    properties: {
      task: delivery.taskName,
      triggerName: delivery.triggerName,
      status: delivery.status,
      ...(reason !== undefined && { reason }),
      ...(runId !== undefined && { runId }),
      tries: delivery.tries,
      receivedTime: wireTime(delivery.receivedAt),
      ...(decidedAt && { decidedTime: wireTime(decidedAt) }),
      ...(delivery.status === 'Pending' && { nextTryTime: wireTime(delivery.nextTryAt) }),
      ...(redeliveryOf !== undefined && { redeliveryOf: String(redeliveryOf) }),
      ...triggerBody(delivery.trigger),
    },
    id: `${registryResourceId(registry)}/deliveries/${deliveryId}`,
    name: String(deliveryId),
  };
}
