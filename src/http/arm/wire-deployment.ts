import { createHash } from 'node:crypto';
import {
  isDeploymentEnded,
  type Deployment,
  type DeploymentOperation,
  type ResourceGroup,
} from '../../model/index.ts';
import { typeOfId } from '../../template/index.ts';
import { wireTime } from './wire-time.ts';

const type = 'Microsoft.Resources/deployments';

export function deploymentResourceId(group: ResourceGroup, name: string): string {
  return `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}/providers/${type}/${name}`;
}

/** A deployment as ARM answers it. */
export function deploymentBody(group: ResourceGroup, deployment: Deployment, now: Date) {
  const { provisioningState, createdAt, endedAt, outputs, outputResources, error } = deployment;
  return withProperties(group, deployment, {
    provisioningState,
    ...spent(createdAt, endedAt, now),
    ...(outputs && { outputs }),
    ...(isDeploymentEnded(provisioningState) && { outputResources: outputResources.map((id) => ({ id })) }),
    ...(error && { error }),
  });
}

/** What a deployment would be, as `validate` answers it. */
export function validationBody(
  group: ResourceGroup,
  deployment: Described & { readonly resourceIds: readonly string[] },
  now: Date,
) {
  return withProperties(group, deployment, {
    provisioningState: 'Succeeded',
    ...spent(now, now, now),
    validatedResources: deployment.resourceIds.map((id) => ({ id })),
  });
}

type Described = Pick<
  Deployment,
  'name' | 'tags' | 'correlationId' | 'templateHash' | 'parameters' | 'dependencies'
>;

function withProperties<P extends object>(group: ResourceGroup, deployment: Described, properties: P) {
  const { name, tags, correlationId, templateHash, parameters, dependencies } = deployment;
  return {
    id: deploymentResourceId(group, name),
    name,
    type,
    ...(tags && { tags }),
    properties: {
      templateHash,
      parameters,
      mode: 'Incremental',
      correlationId,
      providers: [],
      dependencies: dependencies.map(({ id, dependsOn }) => ({
        dependsOn: dependsOn.map(dependencyBody),
        ...dependencyBody(id),
      })),
      ...properties,
    },
  };
}

function dependencyBody(id: string) {
  return { id, resourceType: typeOfId(id), resourceName: id.slice(id.lastIndexOf('/') + 1) };
}

/** One operation of a deployment as ARM answers it. */
export function deploymentOperationBody(
  group: ResourceGroup,
  deployment: Deployment,
  operation: DeploymentOperation,
  now: Date,
) {
  const { resourceId, resourceType, state, statusCode, statusMessage, startedAt, endedAt } = operation;
  const operationId = operationIdOf(deployment, operation);
  return {
    id: `${deploymentResourceId(group, deployment.name)}/operations/${operationId}`,
    operationId,
    properties: {
      provisioningOperation: 'Create',
      provisioningState: state,
      ...spent(startedAt, endedAt, now),
      trackingId: deployment.correlationId,
      ...(statusCode !== undefined && { statusCode }),
      ...(statusMessage && { statusMessage }),
      targetResource: { ...dependencyBody(resourceId), resourceType },
    },
  };
}

/** Sixteen hexadecimal digits, the same at each time. */
export function operationIdOf({ deploymentId }: Deployment, { position }: DeploymentOperation): string {
  const digest = createHash('sha256').update(`${deploymentId}/${position}`).digest('hex');
  return digest.slice(0, 16).toUpperCase();
}

/** `timestamp` and `duration` (ISO 8601) of what began then and ended, or still lasts. */
function spent(startedAt: Date, endedAt: Date | undefined, now: Date) {
  const until = endedAt ?? now;
  const seconds = Math.max(0, until.getTime() - startedAt.getTime()) / 1000;
  return { timestamp: wireTime(until), duration: `PT${seconds}S` };
}
