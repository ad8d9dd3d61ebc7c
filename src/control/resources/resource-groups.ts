import { ServiceError, type ResourceGroup, type Subscription } from '../../model/index.ts';
import {
  findResourceGroup,
  findResourceGroups,
  findSubscriptions,
  setResourceGroupTags,
  upsertResourceGroup,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

export function listSubscriptions(deps: ControlDeps): Promise<Subscription[]> {
  return findSubscriptions(deps.store.db);
}

/** @throws ServiceError 404 `SubscriptionNotFound`. */
export async function getSubscription(deps: ControlDeps, subscriptionId: string): Promise<Subscription> {
  const all = await listSubscriptions(deps);
  const found = all.find((each) => each.subscriptionId === subscriptionId.toLowerCase());
  if (found) return found;
  throw new ServiceError(
    404,
    'SubscriptionNotFound',
    `The subscription '${subscriptionId}' could not be found.`,
  );
}

export function listResourceGroups(deps: ControlDeps, subscriptionId: string): Promise<ResourceGroup[]> {
  return findResourceGroups(deps.store.db, subscriptionId);
}

/** @throws ServiceError 404 `ResourceGroupNotFound`. */
export async function getResourceGroup(
  deps: ControlDeps,
  subscriptionId: string,
  name: string,
): Promise<ResourceGroup> {
  const group = await findResourceGroup(deps.store.db, subscriptionId, name);
  if (group) return group;
  throw groupNotFound(name);
}

export function groupNotFound(name: string): ServiceError {
  return new ServiceError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

/** @throws ServiceError 409 `ResourceGroupBeingDeleted`. */
export async function putResourceGroup(
  deps: ControlDeps,
  group: Omit<ResourceGroup, 'isDeleting'>,
): Promise<{ group: ResourceGroup; isNew: boolean }> {
  const put = await upsertResourceGroup(deps.store.db, group);
  if (put) return put;
  throw beingDeleted(group.name);
}

/** @throws ServiceError 409 `ResourceGroupBeingDeleted`. */
export function refuseDeleting(group: ResourceGroup): void {
  if (group.isDeleting) throw beingDeleted(group.name);
}

function beingDeleted(name: string): ServiceError {
  return new ServiceError(
    409,
    'ResourceGroupBeingDeleted',
    `The resource group '${name}' is being deleted; wait until it is gone, or use another.`,
  );
}

export async function updateResourceGroupTags(
  deps: ControlDeps,
  group: ResourceGroup,
  tags: Readonly<Record<string, string>>,
): Promise<ResourceGroup> {
  return (await setResourceGroupTags(deps.store.db, group.subscriptionId, group.name, tags)) ?? group;
}
