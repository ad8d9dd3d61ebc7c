import {
  beginDeployment,
  cancelDeployment,
  deleteDeployment,
  exportDeploymentTemplate,
  getDeployment,
  listDeploymentOperations,
  listDeployments,
  validateDeployment,
  type ControlDeps,
} from '../../control/index.ts';
import { isDeploymentEnded, ServiceError } from '../../model/index.ts';
import { readDeployment } from './deployment-request.ts';
import { retryAfterSeconds } from './operation-routes.ts';
import type { Router } from './router.ts';
import {
  deploymentBody,
  deploymentOperationBody,
  deploymentResourceId,
  operationIdOf,
  validationBody,
} from './wire-deployment.ts';

const kind = 'Microsoft.Resources/deployments';
const versions = 'resources';
const all = `/providers/${kind}`;
const one = `${all}/:deploymentName`;

/** Deployments of ARM templates to a resource group. */
export function deploymentRoutes(router: Router, control: ControlDeps): void {
  const { now } = control;
  // az asks with a slash at the end.
  for (const path of [all, `${all}/`]) {
    router.inResourceGroup(
      { method: 'GET', path, action: `${kind}/read`, versions },
      async ({ group, query }) => {
        const found = await listDeployments(control, group, readPage(query));
        return { value: found.map((each) => deploymentBody(group, each, now())) };
      },
    );
  }
  router.inResourceGroup(
    { method: 'POST', path: `${one}/validate`, action: `${kind}/validate/action`, versions },
    async ({ group, params, caller, body }) => {
      const request = readDeployment(body);
      const name = params.deploymentName ?? '';
      return validationBody(group, await validateDeployment(control, caller, group, name, request), now());
    },
  );
  router.inResourceGroup(
    { method: 'PUT', path: one, action: `${kind}/write`, versions },
    async ({ group, params, caller, query, body, reply }) => {
      const request = readDeployment(body);
      const name = params.deploymentName ?? '';
      const { deployment, isNew } = await beginDeployment(control, caller, group, name, request);
      const status = `${deploymentResourceId(group, name)}/operationStatuses/${deployment.deploymentId}`;
      const version = new URLSearchParams({ 'api-version': query['api-version'] ?? '' });
      reply
        .code(isNew ? 201 : 200)
        .header('azure-asyncoperation', `${control.config.publicUrl}${status}?${version}`)
        .header('retry-after', retryAfterSeconds);
      return deploymentBody(group, deployment, now());
    },
  );
  // Before GET, which fastify would answer HEAD with.
  router.inResourceGroup(
    { method: 'HEAD', path: one, action: `${kind}/read`, versions },
    async ({ group, params, reply }) => {
      const found = await getDeployment(control, group, params.deploymentName ?? '').catch(ifNotFound);
      await reply.code(found ? 204 : 404).send();
    },
  );
  router.inResourceGroup(
    { method: 'GET', path: one, action: `${kind}/read`, versions },
    async ({ group, params }) =>
      deploymentBody(group, await getDeployment(control, group, params.deploymentName ?? ''), now()),
  );
  router.inResourceGroup(
    { method: 'DELETE', path: one, action: `${kind}/delete`, versions },
    async ({ group, params, reply }) => {
      await deleteDeployment(control, group, params.deploymentName ?? '');
      await reply.code(204).send();
    },
  );
  router.inResourceGroup(
    { method: 'POST', path: `${one}/cancel`, action: `${kind}/cancel/action`, versions },
    async ({ group, params, reply }) => {
      await cancelDeployment(control, group, params.deploymentName ?? '');
      await reply.code(204).send();
    },
  );
  router.inResourceGroup(
    { method: 'POST', path: `${one}/exportTemplate`, action: `${kind}/exportTemplate/action`, versions },
    async ({ group, params }) => ({
      template: await exportDeploymentTemplate(control, group, params.deploymentName ?? ''),
    }),
  );
  router.inResourceGroup(
    { method: 'POST', path: `${one}/whatIf`, action: `${kind}/whatIf/action`, versions },
    async () => {
      const message =
        'What-if is not supported: this server cannot tell what a deployment would change. Use validate.';
      throw new ServiceError(400, 'NotSupported', message);
    },
  );
  router.inResourceGroup(
    {
      method: 'GET',
      path: `${one}/operationStatuses/:operationId`,
      action: `${kind}/operationstatuses/read`,
      versions,
    },
    async ({ group, params, reply }) => {
      const deployment = await getDeployment(control, group, params.deploymentName ?? '');
      const { deploymentId, provisioningState: status, error } = deployment;
      if (deploymentId !== params.operationId?.toLowerCase()) throw noOperation(params);
      if (!isDeploymentEnded(status)) reply.header('retry-after', retryAfterSeconds);
      return { status, ...(error && { error }) };
    },
  );
  // az leaves the provider out.
  for (const path of [`${one}/operations`, '/deployments/:deploymentName/operations']) {
    const action = `${kind}/operations/read`;
    router.inResourceGroup({ method: 'GET', path, action, versions }, async ({ group, params }) => {
      const { deployment, operations } = await listDeploymentOperations(
        control,
        group,
        params.deploymentName ?? '',
      );
      return { value: operations.map((each) => deploymentOperationBody(group, deployment, each, now())) };
    });
    router.inResourceGroup(
      { method: 'GET', path: `${path}/:operationId`, action, versions },
      async ({ group, params }) => {
        const name = params.deploymentName ?? '';
        const { deployment, operations } = await listDeploymentOperations(control, group, name);
        const wanted = params.operationId?.toUpperCase();
        const found = operations.find((each) => operationIdOf(deployment, each) === wanted);
        if (!found) throw noOperation(params);
        return deploymentOperationBody(group, deployment, found, now());
      },
    );
  }
}

function noOperation({
  operationId = '',
  deploymentName = '',
}: Readonly<Record<string, string>>): ServiceError {
  const message = `there is no operation ${operationId} of the deployment ${deploymentName}; it may be of an earlier one of that name`;
  return new ServiceError(404, 'OperationNotFound', message);
}

function ifNotFound(error: unknown): undefined {
  if (error instanceof ServiceError && error.statusCode === 404) return undefined;
  throw error;
}

/** `$filter=provisioningState eq 'Failed'` and `$top`. */
function readPage({ $filter, $top }: Readonly<Record<string, string | undefined>>) {
  const state = /^\s*provisioningState\s+eq\s+'(\w+)'\s*$/i.exec($filter ?? '')?.[1];
  if ($filter !== undefined && $filter.trim() !== '' && state === undefined) {
    const message = `The filter is '${$filter.slice(0, 200)}'; supported is: provisioningState eq '{state}'.`;
    throw new ServiceError(400, 'InvalidFilterInQueryString', message, { target: '$filter' });
  }
  if ($top !== undefined && !/^[1-9]\d{0,8}$/.test($top)) {
    const message = `$top is '${$top.slice(0, 50)}'; it must be a whole number from 1.`;
    throw new ServiceError(400, 'InvalidQueryParameterValue', message, { target: '$top' });
  }
  return { ...(state !== undefined && { state }), ...($top !== undefined && { limit: Number($top) }) };
}
