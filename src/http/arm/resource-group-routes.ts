import {
  deleteResourceGroup,
  getResourceGroup,
  listResourceGroups,
  putResourceGroup,
  updateResourceGroupTags,
  type ControlDeps,
} from '../../control/index.ts';
import { ServiceError, type ResourceGroup } from '../../model/index.ts';
import { check, mergePatch, resourceGroup, resourceGroupUpdate } from '../../spec/index.ts';
import type { Router } from './router.ts';

const kind = 'Microsoft.Resources/subscriptions/resourceGroups';

/** Resource groups: list, get, make, change tags, delete with what is in them. */
export function resourceGroupRoutes(router: Router, control: ControlDeps): void {
  const versions = 'resources';
  const one = '/resourceGroups/:resourceGroupName';

  router.inSubscription(
    { method: 'GET', path: '/resourceGroups', action: `${kind}/read`, versions },
    async ({ subscriptionId }) => ({
      value: (await listResourceGroups(control, subscriptionId)).map(groupBody),
    }),
  );
  router.inSubscription(
    { method: 'HEAD', path: one, action: `${kind}/read`, versions },
    async ({ subscriptionId, params, reply }) => {
      const found = await getResourceGroup(control, subscriptionId, params.resourceGroupName ?? '').catch(
        ifNotFound,
      );
      await reply.code(found ? 204 : 404).send();
    },
  );
  router.inResourceGroup({ method: 'GET', path: '', action: `${kind}/read`, versions }, async ({ group }) =>
    groupBody(group),
  );
  router.inSubscription(
    { method: 'PUT', path: one, action: `${kind}/write`, versions },
    async ({ subscriptionId, params, body, reply }) => {
      const { location, tags = {} } = check(resourceGroup, body);
      const name = params.resourceGroupName ?? '';
      const { group, isNew } = await putResourceGroup(control, { subscriptionId, name, location, tags });
      reply.code(isNew ? 201 : 200);
      return groupBody(group);
    },
  );
  router.inResourceGroup(
    { method: 'PATCH', path: '', action: `${kind}/write`, versions },
    async ({ group, body }) => {
      const patch = check(resourceGroupUpdate, body);
      const { tags = {} } = check(resourceGroup, mergePatch(resourceGroup, group, patch));
      return groupBody(await updateResourceGroupTags(control, group, tags));
    },
  );
  router.inResourceGroup(
    { method: 'DELETE', path: '', action: `${kind}/delete`, versions },
    async ({ group, reply }) => {
      await deleteResourceGroup(control, group);
      await reply.code(200).send();
    },
  );
}

function ifNotFound(error: unknown): undefined {
  if (error instanceof ServiceError && error.statusCode === 404) return undefined;
  throw error;
}

function groupBody({ subscriptionId, name, location, tags }: ResourceGroup) {
  return {
    id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags,
    properties: { provisioningState: 'Succeeded' },
  };
}
