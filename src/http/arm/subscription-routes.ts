import {
  getSubscription,
  listRegistries,
  listSubscriptions,
  mayDo,
  type ControlDeps,
} from '../../control/index.ts';
import { ServiceError, type Registry, type ResourceGroup, type Subscription } from '../../model/index.ts';
import { matchesResource, parseResourceFilter } from './resource-filter.ts';
import type { Router } from './router.ts';
import { registryBody } from './wire-registry.ts';

/** Tenants, subscriptions and the listing of resources by which az finds a registry. */
export function subscriptionRoutes(router: Router, control: ControlDeps): void {
  const { tenantId, location } = control.config;

  const tenant = {
    id: `/tenants/${tenantId}`,
    tenantId,
    tenantCategory: 'Home',
    displayName: 'Slipway',
    domains: [],
  };
  router.route({ method: 'GET', path: '/tenants', action: undefined, versions: 'resources' }, async () => ({
    value: [tenant],
  }));
  router.route(
    { method: 'GET', path: '/tenants/:tenantId', action: undefined, versions: 'resources' },
    async ({ params }) => {
      if (params.tenantId?.toLowerCase() === tenantId) return tenant;
      throw new ServiceError(404, 'TenantNotFound', `There is no tenant '${params.tenantId}'.`);
    },
  );

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

  const locationBody = (subscriptionId: string) => ({
    id: `/subscriptions/${subscriptionId}/locations/${location}`,
    name: location,
    displayName: location,
    regionalDisplayName: location,
    metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
  });
  router.inSubscription(
    { method: 'GET', path: '/locations', action: read, versions: 'resources' },
    async ({ subscriptionId }) => ({ value: [locationBody(subscriptionId)] }),
  );
  router.inSubscription(
    { method: 'GET', path: '/locations/:location', action: read, versions: 'resources' },
    async ({ subscriptionId, params }) => {
      if (params.location?.toLowerCase() === location) return locationBody(subscriptionId);
      throw new ServiceError(404, 'LocationNotFound', `There is no location '${params.location}'.`);
    },
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
