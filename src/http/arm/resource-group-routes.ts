import {
  deleteResourceGroup,
  getOperation,
  getResourceGroup,
  listResourceGroups,
  putResourceGroup,
  updateResourceGroupTags,
  type ControlDeps,
} from '../../control/index.ts';
import { resourceGroupId, ServiceError, type ResourceGroup } from '../../model/index.ts';
import { check, mergePatch, resourceGroup, resourceGroupUpdate } from '../../spec/index.ts';
import { operationUrl, retryAfterSeconds } from './operation-routes.ts';
import type { ArmRequest, Router } from './router.ts';

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
    async ({ group, query, reply }) => {
      const operationId = await deleteResourceGroup(control, group);
      const operation = { resourceId: resourceGroupId(group), operationId, apiVersion: query['api-version'] };
      await sendAccepted(reply, operationUrl(control, operation, 'operationResults'));
    },
  );
  // Below a group that is gone at the end.
  router.inSubscription(
    { method: 'GET', path: `${one}/operationResults/:operationId`, action: `${kind}/read`, versions },
    async ({ subscriptionId, params, query, reply }) => {
      const resourceId = resourceGroupId({ subscriptionId, name: params.resourceGroupName ?? '' });
      const { operationId, status } = await getOperation(control, resourceId, params.operationId ?? '');
      if (status !== 'InProgress') return reply.code(200).send();
      const operation = { resourceId, operationId, apiVersion: query['api-version'] };
      return sendAccepted(reply, operationUrl(control, operation, 'operationResults'));
    },
  );
}

function ifNotFound(error: unknown): undefined {
  if (error instanceof ServiceError && error.statusCode === 404) return undefined;
  throw error;
}

function sendAccepted(reply: ArmRequest['reply'], location: string) {
  return reply.code(202).header('location', location).header('retry-after', retryAfterSeconds).send();
}

function groupBody(group: ResourceGroup) {
  const { name, location, tags, isDeleting } = group;
  return {
    id: resourceGroupId(group),
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags,
    properties: { provisioningState: isDeleting ? 'Deleting' : 'Succeeded' },
  };
}
