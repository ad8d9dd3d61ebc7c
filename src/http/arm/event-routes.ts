import {
  getEventSubscription,
  listEventSubscriptions,
  listMessages,
  putSubscription,
  removeEventSubscription,
  type ControlDeps,
} from '../../control/index.ts';
import {
  registryResourceId,
  type EventSubscription,
  type OutgoingMessage,
  type Registry,
} from '../../model/index.ts';
import { check, eventSubscription } from '../../spec/index.ts';
import type { Router } from './router.ts';
import { wireTime } from './wire-time.ts';

const kind = 'Microsoft.ContainerRegistry/registries/eventSubscriptions';
const versions = 'tasks';

/** Ours: who hears of the runs of a registry. Secrets go in and never come out. */
export function eventRoutes(router: Router, control: ControlDeps): void {
  const all = '/eventSubscriptions';
  const one = `${all}/:subscriptionName`;

  router.inRegistry({ method: 'GET', path: all, action: `${kind}/read`, versions }, async ({ registry }) => ({
    value: (await listEventSubscriptions(control, registry)).map((each) => bodyOf(registry, each)),
  }));
  router.inRegistry(
    { method: 'GET', path: one, action: `${kind}/read`, versions },
    async ({ registry, params: { subscriptionName = '' } }) =>
      bodyOf(registry, await getEventSubscription(control, registry, subscriptionName)),
  );
  router.inRegistry(
    { method: 'PUT', path: one, action: `${kind}/write`, versions },
    async ({ registry, params: { subscriptionName = '' }, body, reply }) => {
      const request = check(eventSubscription, body);
      const { subscription, isNew } = await putSubscription(control, registry, subscriptionName, request);
      reply.code(isNew ? 201 : 200);
      return bodyOf(registry, subscription);
    },
  );
  router.inRegistry(
    { method: 'DELETE', path: one, action: `${kind}/delete`, versions },
    async ({ registry, params: { subscriptionName = '' }, reply }) => {
      const wasThere = await removeEventSubscription(control, registry, subscriptionName);
      if (!wasThere) return reply.code(204).send();
      return {};
    },
  );
  router.inRegistry(
    { method: 'GET', path: `${one}/deliveries`, action: `${kind}/read`, versions },
    async ({ registry, params: { subscriptionName = '' } }) => ({
      value: (await listMessages(control, registry, subscriptionName)).map(messageBody),
    }),
  );
}

function bodyOf(registry: Registry, subscription: EventSubscription): object {
  const { name, endpoint, eventTypes, format, status } = subscription;
  return {
    type: kind,
    properties: { endpoint, eventTypes, format, status },
    id: `${registryResourceId(registry)}/eventSubscriptions/${name}`,
    name,
  };
}

function messageBody(message: OutgoingMessage): object {
  const { messageId, eventType, runId, status, tries, lastError, endedAt } = message;
  return {
    name: String(messageId),
    properties: {
      eventType,
      runId,
      status,
      tries,
      ...(lastError !== undefined && { lastError }),
      createdTime: wireTime(message.createdAt),
      ...(endedAt && { endedTime: wireTime(endedAt) }),
      ...(status === 'Pending' && { nextTryTime: wireTime(message.nextTryAt) }),
    },
  };
}
