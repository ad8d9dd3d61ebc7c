import { createHash } from 'node:crypto';
import {
  isDeploymentEnded,
  ServiceError,
  type Deployment,
  type DeploymentOperation,
  type ResourceGroup,
} from '../../model/index.ts';
import {
  cancelDeploymentRow,
  deleteDeploymentRow,
  deleteOldDeployments,
  findDeployment,
  findDeploymentOperations,
  findDeployments,
  insertDeployment,
} from '../../store/index.ts';
import { isObject, type Json, type JsonObject } from '../../template/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { openStored, planRequest, sealStored, type DeploymentRequest } from './plan.ts';

/** How many deployments a resource group keeps, as in ARM. */
const keptPerGroup = 800;

/** A deployment as it would be accepted. @throws ServiceError 400 that says what is wrong. */
export async function validateDeployment(
  deps: ControlDeps,
  caller: Caller,
  group: ResourceGroup,
  name: string,
  request: DeploymentRequest,
) {
  const { plan, stored } = await planRequest(deps, caller, group, name, request);
  const deploymentId = deps.newId();
  return {
    deploymentId,
    subscriptionId: group.subscriptionId,
    resourceGroupKey: group.name.toLowerCase(),
    name,
    ...(request.tags && { tags: request.tags }),
    correlationId: deps.newId(),
    caller,
    templateHash: templateHash(request.template),
    sealedRequest: sealStored(deps, deploymentId, stored),
    parameters: plan.parameters,
    dependencies: plan.resources
      .filter(({ dependsOn }) => dependsOn.length > 0)
      .map(({ id, dependsOn }) => ({
        id,
        dependsOn: plan.resources.filter(({ key }) => dependsOn.includes(key)).map((each) => each.id),
      })),
    resourceIds: plan.resources.map(({ id }) => id),
  };
}

/**
 * Accepts a deployment; some server performs it. @throws ServiceError 400 as `validateDeployment`, 409
 * `DeploymentActive` while one of that name is under way.
 */
export async function beginDeployment(
  deps: ControlDeps,
  caller: Caller,
  group: ResourceGroup,
  name: string,
  request: DeploymentRequest,
): Promise<{ deployment: Deployment; isNew: boolean }> {
  const { resourceIds: _, ...deployment } = await validateDeployment(deps, caller, group, name, request);
  const accepted = await insertDeployment(deps.store.db, deployment);
  if (!accepted) throw isActive(name);
  await deleteOldDeployments(deps.store.db, deployment, keptPerGroup);
  return accepted;
}

/** @throws ServiceError 404 `DeploymentNotFound`. */
export async function getDeployment(
  deps: ControlDeps,
  group: ResourceGroup,
  name: string,
): Promise<Deployment> {
  const found = await findDeployment(deps.store.db, group.subscriptionId, group.name, name);
  if (found) return found;
  throw new ServiceError(404, 'DeploymentNotFound', `Deployment '${name}' could not be found.`);
}

/** The newest deployments of a group, all of them or those in a state. */
export function listDeployments(
  deps: ControlDeps,
  group: ResourceGroup,
  { state, limit = keptPerGroup }: { state?: string; limit?: number },
): Promise<Deployment[]> {
  const page = { limit: Math.min(limit, keptPerGroup), ...(state !== undefined && { state }) };
  return findDeployments(deps.store.db, group.subscriptionId, group.name, page);
}

/** Forgets a deployment; its resources stay. @throws ServiceError 409 while it is under way. */
export async function deleteDeployment(deps: ControlDeps, group: ResourceGroup, name: string): Promise<void> {
  const deployment = await findDeployment(deps.store.db, group.subscriptionId, group.name, name);
  if (!deployment || (await deleteDeploymentRow(deps.store.db, deployment.deploymentId))) return;
  throw isActive(name);
}

/** Ends a deployment; what it has begun to make is not undone. @throws ServiceError 404, 409 when it has ended. */
export async function cancelDeployment(deps: ControlDeps, group: ResourceGroup, name: string): Promise<void> {
  const { deploymentId, provisioningState } = await getDeployment(deps, group, name);
  if (await cancelDeploymentRow(deps.store.db, deploymentId)) return;
  const state = isDeploymentEnded(provisioningState) ? ` (${provisioningState})` : '';
  throw new ServiceError(
    409,
    'DeploymentCannotBeCancelled',
    `Deployment '${name}' has ended${state}; only one that is under way can be canceled.`,
  );
}

/** The template of a deployment, without default values of secure parameters. */
export async function exportDeploymentTemplate(
  deps: ControlDeps,
  group: ResourceGroup,
  name: string,
): Promise<JsonObject> {
  const { template } = openStored(deps, await getDeployment(deps, group, name));
  if (!isObject(template.parameters)) return template;
  const parameters = Object.entries(template.parameters).map(([key, value]): [string, Json] => {
    if (!isObject(value) || !/^secure/i.test(typeof value.type === 'string' ? value.type : ''))
      return [key, value];
    const { defaultValue: _, ...shown } = value;
    return [key, shown];
  });
  return { ...template, parameters: Object.fromEntries(parameters) };
}

export async function listDeploymentOperations(
  deps: ControlDeps,
  group: ResourceGroup,
  name: string,
): Promise<{ deployment: Deployment; operations: DeploymentOperation[] }> {
  const deployment = await getDeployment(deps, group, name);
  return { deployment, operations: await findDeploymentOperations(deps.store.db, deployment.deploymentId) };
}

function isActive(name: string): ServiceError {
  return new ServiceError(
    409,
    'DeploymentActive',
    `Unable to edit, replace or delete deployment '${name}': it is still under way. Wait for its end, or cancel it.`,
  );
}

/** A number in decimal, as ARM's. */
function templateHash(template: object): string {
  return createHash('sha256').update(JSON.stringify(template)).digest().readBigUInt64BE().toString();
}
