import {
  getSubscription,
  listRegistries,
  listSubscriptions,
  mayDo,
  type ControlDeps,
} from '../../control/index.ts';
import type { Registry, ResourceGroup, Subscription } from '../../model/index.ts';
import { matchesResource, parseResourceFilter } from './resource-filter.ts';
import type { Router } from './router.ts';
import { registryBody } from './wire-registry.ts';

/** Tenants, subscriptions and the listing of resources by which az finds a registry. */
export function subscriptionRoutes(router: Router, control: ControlDeps): void {
  const { tenantId, location } = control.config;

  router.route({ method: 'GET', path: '/tenants', action: undefined, versions: 'resources' }, async () => ({
    value: [
      { id: `/tenants/${tenantId}`, tenantId, tenantCategory: 'Home', displayName: 'Slipway', domains: [] },
    ],
  }));

  router.route(
    { method: 'GET', path: '/subscriptions', action: undefined, versions: 'resources' },
    async ({ caller }) => {
      const visible: Subscription[] = [];
      for (const subscription of await listSubscriptions(control)) {
        const scope = `/subscriptions/${subscription.subscriptionId}`;
        const mayRead = await mayDo(
          control,
          caller.objectId,
          'Microsoft.Resources/subscriptions/read',
          scope,
        );
        if (mayRead) visible.push(subscription);
      }
      return { value: visible.map(subscriptionBody), count: { type: 'Total', value: visible.length } };
    },
  );

  const read = 'Microsoft.Resources/subscriptions/read';
  router.inSubscription(
    { method: 'GET', path: '', action: read, versions: 'resources' },
    async ({ subscriptionId }) => subscriptionBody(await getSubscription(control, subscriptionId)),
  );

  router.inSubscription(
    { method: 'GET', path: '/locations', action: read, versions: 'resources' },
    async ({ subscriptionId }) => ({
      value: [
        {
          id: `/subscriptions/${subscriptionId}/locations/${location}`,
          name: location,
          displayName: location,
          regionalDisplayName: location,
          metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
        },
      ],
    }),
  );

  const readResources = 'Microsoft.Resources/subscriptions/resources/read';
  const listing = (registries: Registry[], filter: string | undefined) => {
    const wanted = parseResourceFilter(filter);
    const resources = registries.map(resourceBody);
    return { value: resources.filter((resource) => matchesResource(wanted, resource)) };
  };
  router.inSubscription(
    { method: 'GET', path: '/resources', action: readResources, versions: 'resources' },
    async ({ subscriptionId, query }) =>
      listing(await listRegistries(control, subscriptionId), query.$filter),
  );
  router.inResourceGroup(
    { method: 'GET', path: '/resources', action: readResources, versions: 'resources' },
    async ({ group, query }: { group: ResourceGroup; query: Readonly<Record<string, string | undefined>> }) =>
      listing(await listRegistries(control, group.subscriptionId, group.name), query.$filter),
  );
}

function resourceBody(registry: Registry) {
  const { id, name, type, location, tags, sku } = registryBody(registry);
  return { id, name, type, location, tags, sku };
}

function subscriptionBody({ subscriptionId, displayName, tenantId }: Subscription) {
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId,
    tenantId,
    displayName,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Internal_2014-09-01',
      quotaId: 'Internal_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}
