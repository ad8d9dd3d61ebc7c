import {
  ServiceError,
  type Deployment,
  type DeploymentCaller,
  type ErrorDetail,
  type ResourceGroup,
} from '../../model/index.ts';
import {
  planDeployment,
  readTemplate,
  resolveParameters,
  secretTexts,
  type Json,
  type JsonObject,
  type ParameterValues,
  type Plan,
  type Surroundings,
  type Template,
} from '../../template/index.ts';
import type { ControlDeps } from '../deps.ts';
import { mayDo } from '../resources/access.ts';
import { getResourceGroup, getSubscription } from '../resources/resource-groups.ts';
import { maskTexts } from './mask.ts';

/** A deployment's template and parameters as a client sends them. */
export interface DeploymentRequest {
  readonly template: JsonObject;
  readonly parameters: unknown;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What is kept of a request, sealed: every parameter has its value, so that it comes to the same plan again. */
interface StoredRequest {
  readonly template: JsonObject;
  readonly parameters: readonly (readonly [string, Json])[];
}

export interface PlannedDeployment {
  readonly plan: Plan;
  readonly stored: StoredRequest;
}

/**
 * Plans a deployment and makes sure that the caller may make its resources.
 * @throws ServiceError 400 `InvalidTemplate` or `InvalidTemplateDeployment`.
 */
export async function planRequest(
  deps: ControlDeps,
  caller: DeploymentCaller,
  group: ResourceGroup,
  name: string,
  request: DeploymentRequest,
): Promise<PlannedDeployment> {
  const surroundings = await surroundingsOf(deps, group, name);
  const template = readTemplate(request.template);
  const values = resolveParameters(template, request.parameters, surroundings);
  const plan = planMasked(template, values, surroundings);
  await refuseWhatFails(deps, caller, name, plan);
  return { plan, stored: { template: request.template, parameters: [...values] } };
}

/** The plan of a deployment that was accepted. */
export async function planStored(deps: ControlDeps, deployment: Deployment): Promise<Plan> {
  const { subscriptionId, resourceGroupKey, name } = deployment;
  const group = await getResourceGroup(deps, subscriptionId, resourceGroupKey);
  const { template, parameters } = openStored(deps, deployment);
  return planMasked(readTemplate(template), new Map(parameters), await surroundingsOf(deps, group, name));
}

/** Plans, and tells what is wrong without the values of secure parameters. */
function planMasked(template: Template, values: ParameterValues, surroundings: Surroundings): Plan {
  try {
    return planDeployment(template, values, surroundings);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { statusCode, code, message, target } = error;
    const masked = maskTexts({ message }, secretTexts(template, values));
    throw new ServiceError(statusCode, code, masked.message, target === undefined ? {} : { target });
  }
}

export function sealStored(deps: ControlDeps, deploymentId: string, stored: StoredRequest): string {
  return deps.sealer.seal(JSON.stringify(stored), deploymentId);
}

export function openStored(deps: ControlDeps, deployment: Deployment): StoredRequest {
  const text = deps.sealer.open(deployment.sealedRequest, deployment.deploymentId).reveal();
  return JSON.parse(text) as StoredRequest; // written by sealStored only
}

/** What can be made by a template: the providers that we have. */
const providers = ['microsoft.containerregistry', 'microsoft.resources'];

async function refuseWhatFails(
  deps: ControlDeps,
  caller: DeploymentCaller,
  name: string,
  plan: Plan,
): Promise<void> {
  const details: ErrorDetail[] = [];
  for (const { type, id, path } of plan.resources) {
    const [namespace = ''] = type.toLowerCase().split('/');
    if (!providers.includes(namespace)) {
      const message =
        `No registered resource provider found for type '${type}' of '${path}'; ` +
        'the providers here are Microsoft.ContainerRegistry and Microsoft.Resources.';
      details.push({ code: 'NoRegisteredProviderFound', message, target: id });
    } else if (!(await mayDo(deps, caller.objectId, `${type}/write`, id))) {
      const message =
        `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization ` +
        `to perform action '${type}/write' over scope '${id}'.`;
      details.push({ code: 'AuthorizationFailed', message, target: id });
    }
  }
  if (details.length === 0) return;
  throw new ServiceError(
    400,
    details.length > 1 ? 'MultipleErrorsOccurred' : 'InvalidTemplateDeployment',
    `The template deployment '${name}' is not valid according to the validation procedure. See inner errors for details.`,
    { details },
  );
}

async function surroundingsOf(
  deps: ControlDeps,
  group: ResourceGroup,
  deploymentName: string,
): Promise<Surroundings> {
  const { subscriptionId, displayName, tenantId } = await getSubscription(deps, group.subscriptionId);
  const { publicUrl } = deps.config;
  const { host, hostname } = new URL(publicUrl);
  return {
    subscription: { id: `/subscriptions/${subscriptionId}`, subscriptionId, tenantId, displayName },
    resourceGroup: {
      id: `/subscriptions/${subscriptionId}/resourceGroups/${group.name}`,
      name: group.name,
      type: 'Microsoft.Resources/resourceGroups',
      location: group.location,
      tags: group.tags,
      properties: { provisioningState: 'Succeeded' },
    },
    tenant: { tenantId },
    environment: {
      name: 'Slipway',
      resourceManager: publicUrl,
      authentication: {
        loginEndpoint: `${publicUrl}/adfs`,
        audiences: [`${publicUrl}/arm`],
        tenant: tenantId,
      },
      suffixes: { acrLoginServer: `.${hostname}`, storage: host, keyvaultDns: `.vault.${hostname}` },
    },
    deploymentName,
    location: group.location,
    now: deps.now(),
    newId: deps.newId,
  };
}
