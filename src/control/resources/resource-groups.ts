import { ServiceError, type ResourceGroup, type Subscription } from '../../model/index.ts';
import {
  deleteResourceGroup as deleteRow,
  findRegistries,
  findResourceGroup,
  findResourceGroups,
  findSubscriptions,
  setResourceGroupTags,
  upsertResourceGroup,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { deleteRegistry } from './registries.ts';

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
  throw new ServiceError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

export function putResourceGroup(
  deps: ControlDeps,
  group: ResourceGroup,
): Promise<{ group: ResourceGroup; isNew: boolean }> {
  return upsertResourceGroup(deps.store.db, group);
}

export async function updateResourceGroupTags(
  deps: ControlDeps,
  group: ResourceGroup,
  tags: Readonly<Record<string, string>>,
): Promise<ResourceGroup> {
  return (await setResourceGroupTags(deps.store.db, group.subscriptionId, group.name, tags)) ?? group;
}

/** Deletes a group with every registry in it. */
export async function deleteResourceGroup(deps: ControlDeps, group: ResourceGroup): Promise<void> {
  const { subscriptionId, name: resourceGroupName } = group;
  for (const registry of await findRegistries(deps.store.db, { subscriptionId, resourceGroupName })) {
    await deleteRegistry(deps, registry);
  }
  await deleteRow(deps.store.db, subscriptionId, resourceGroupName);
}
