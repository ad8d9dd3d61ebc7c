import {
  ServiceError,
  type EventSubscription,
  type OutgoingMessage,
  type Registry,
} from '../../model/index.ts';
import type { EventSubscriptionRequest } from '../../spec/index.ts';
import {
  deleteEventSubscription,
  findEventSubscription,
  findEventSubscriptions,
  findMessages,
  putEventSubscription,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

/** All of a registry, by name. */
export function listEventSubscriptions(
  deps: ControlDeps,
  { registryId }: Registry,
): Promise<EventSubscription[]> {
  return findEventSubscriptions(deps.store.db, registryId);
}

/** @throws ServiceError 404 `EventSubscriptionNotFound`. */
export async function getEventSubscription(
  deps: ControlDeps,
  registry: Registry,
  name: string,
): Promise<EventSubscription> {
  const found = await findEventSubscription(deps.store.db, registry.registryId, name);
  if (found) return found;
  const message = `there is no event subscription ${name} in registry ${registry.name}`;
  throw new ServiceError(404, 'EventSubscriptionNotFound', message);
}

/** Makes or replaces one; its secret stays when none is given. @throws ServiceError 400 for a new one without. */
export async function putSubscription(
  deps: ControlDeps,
  { registryId }: Registry,
  name: string,
  { properties }: EventSubscriptionRequest,
): Promise<{ subscription: EventSubscription; isNew: boolean }> {
  const { secret, endpoint, eventTypes, format, status } = properties;
  const before = await findEventSubscription(deps.store.db, registryId, name);
  const sealedSecret = secret ? deps.sealer.seal(secret.reveal(), registryId) : before?.sealedSecret;
  if (sealedSecret === undefined) {
    const message = 'properties.secret is required for a new subscription: what is sent is signed with it';
    throw new ServiceError(400, 'MissingParameter', message, { target: 'properties.secret' });
  }
  const subscription = {
    registryId,
    name: before?.name ?? name,
    endpoint,
    sealedSecret,
    eventTypes,
    format,
    status,
  };
  return { subscription, isNew: await putEventSubscription(deps.store.db, subscription) };
}

/** Answers whether it was there. What it still waits for is not sent any more. */
export function removeEventSubscription(
  deps: ControlDeps,
  { registryId }: Registry,
  name: string,
): Promise<boolean> {
  return deleteEventSubscription(deps.store.db, registryId, name);
}

const messagesShown = 100;

/** What was sent, or is to be, newest first. @throws ServiceError 404. */
export async function listMessages(
  deps: ControlDeps,
  registry: Registry,
  name: string,
): Promise<OutgoingMessage[]> {
  await getEventSubscription(deps, registry, name);
  return findMessages(deps.store.db, registry.registryId, name, messagesShown);
}
