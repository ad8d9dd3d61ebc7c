import type { ControlDeps } from '../../control/index.ts';
import { ServiceError } from '../../model/index.ts';
import { versionsOf, type VersionedResource } from './api-versions.ts';
import { providerOperations } from './provider-operations.ts';
import type { Router } from './router.ts';

const versions = 'resources';

/** What each namespace has, and whose api-versions it takes. */
const providers: Readonly<Record<string, readonly (readonly [type: string, versions: VersionedResource])[]>> =
  {
    'Microsoft.ContainerRegistry': [
      ['registries', 'registries'],
      ['registries/tasks', 'tasks'],
      ['registries/taskRuns', 'tasks'],
      ['registries/runs', 'tasks'],
      ['registries/agentPools', 'tasks'],
      ['registries/scheduleRun', 'tasks'],
      ['registries/listBuildSourceUploadUrl', 'tasks'],
      ['checkNameAvailability', 'registries'],
      ['operations', 'registries'],
    ],
    'Microsoft.Resources': [
      ['tenants', 'resources'],
      ['subscriptions', 'resources'],
      ['resourceGroups', 'resources'],
      ['resources', 'resources'],
      ['providers', 'resources'],
    ],
  };

/** Resource providers: what clients read to learn of resource types and api-versions. All are registered. */
export function providerRoutes(router: Router, control: ControlDeps): void {
  const action = 'Microsoft.Resources/subscriptions/providers/read';
  const bodyOf = (name: string | undefined, subscriptionId?: string) => {
    const namespace = Object.keys(providers).find((each) => each.toLowerCase() === name?.toLowerCase());
    if (namespace === undefined) throw unknownNamespace(name ?? '');
    const prefix = subscriptionId === undefined ? '' : `/subscriptions/${subscriptionId}`;
    return providerBody(prefix, namespace, control.config.location);
  };
  const all = (subscriptionId?: string) => ({
    value: Object.keys(providers).map((namespace) => bodyOf(namespace, subscriptionId)),
  });

  router.route({ method: 'GET', path: '/providers', action: undefined, versions }, async () => all());
  router.route(
    { method: 'GET', path: '/providers/:namespace', action: undefined, versions },
    async ({ params }) => bodyOf(params.namespace),
  );
  router.inSubscription({ method: 'GET', path: '/providers', action, versions }, async ({ subscriptionId }) =>
    all(subscriptionId),
  );
  router.inSubscription(
    { method: 'GET', path: '/providers/:namespace', action, versions },
    async ({ subscriptionId, params }) => bodyOf(params.namespace, subscriptionId),
  );
  router.inSubscription(
    {
      method: 'POST',
      path: '/providers/:namespace/register',
      action: 'Microsoft.ContainerRegistry/register/action',
      versions,
    },
    async ({ subscriptionId, params }) => bodyOf(params.namespace, subscriptionId),
  );
  router.route(
    {
      method: 'GET',
      path: '/providers/Microsoft.ContainerRegistry/operations',
      action: undefined,
      versions: 'registries',
    },
    async () => ({ value: providerOperations }),
  );
}

function unknownNamespace(name: string): ServiceError {
  return new ServiceError(
    404,
    'InvalidResourceNamespace',
    `The resource namespace '${name.slice(0, 200)}' is invalid; there are ${Object.keys(providers).join(', ')}.`,
  );
}

function providerBody(prefix: string, namespace: string, location: string) {
  return {
    id: `${prefix}/providers/${namespace}`,
    namespace,
    registrationPolicy: 'RegistrationFree',
    registrationState: 'Registered',
    resourceTypes: (providers[namespace] ?? []).map(([resourceType, versioned]) => ({
      resourceType,
      locations: [location],
      apiVersions: versionsOf(versioned).toReversed(),
      capabilities: 'None',
    })),
  };
}
