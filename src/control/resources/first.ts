import { hashClientSecret, newClientSecret } from '../../identity/index.ts';
import {
  findRegistries,
  findRegistryByName,
  findSubscriptions,
  insertPrincipalIfAbsent,
  insertSubscriptionIfAbsent,
  putRoleAssignment,
  putSettingIfAbsent,
  upsertResourceGroup,
} from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { createRegistry } from './registries.ts';

/** What a client needs to use the resources that are made at first start. */
export interface FirstResources {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly registryName: string;
  readonly loginServer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const firstName = 'slipway';

/**
 * Makes, once, a subscription, a resource group, a registry and a service principal that owns everything,
 * so that a new server can be tried at once. A group or registry that was deleted since stays deleted.
 */
export async function ensureFirstResources(deps: ControlDeps): Promise<FirstResources> {
  const { db } = deps.store;
  const { tenantId, location } = deps.config;
  const proposal = {
    subscriptionId: deps.newId(),
    objectId: deps.newId(),
    clientId: deps.newId(),
    secret: deps.sealer.seal(newClientSecret(), 'first-principal'),
  };
  const first = (await putSettingIfAbsent(db, 'first-resources', proposal)) as typeof proposal; // written just above
  const { subscriptionId, objectId, clientId } = first;
  const clientSecret = deps.sealer.open(first.secret, 'first-principal').reveal();
  const caller: Caller = { objectId, clientId, displayName: firstName };

  const isFirstStart = (await findSubscriptions(db)).length === 0;
  await insertSubscriptionIfAbsent(db, { subscriptionId, displayName: 'Slipway', tenantId });
  const secretHash = hashClientSecret(clientSecret);
  await insertPrincipalIfAbsent(db, { objectId, clientId, displayName: firstName, secretHash });
  await putRoleAssignment(db, objectId, '/', ['*']);
  if (isFirstStart || (await findRegistries(db)).length === 0) {
    await upsertResourceGroup(db, { subscriptionId, name: firstName, location, tags: {} });
    await createRegistry(deps, caller, {
      subscriptionId,
      resourceGroupName: firstName,
      name: firstName,
      location,
      sku: 'Premium',
      tags: {},
      isAdminUserEnabled: false,
      properties: {},
    }).catch(async (error: unknown) => {
      if (!(await findRegistryByName(db, firstName))) throw error; // otherwise another server was faster
    });
  }
  const registry = (await findRegistryByName(db, firstName)) ?? (await findRegistries(db))[0];
  return {
    tenantId,
    subscriptionId,
    resourceGroup: registry?.resourceGroupName ?? firstName,
    registryName: registry?.name ?? firstName,
    loginServer: registry?.loginServer ?? '',
    clientId,
    clientSecret,
  };
}

/** Brings every registry up that is not, also those that another server of the deployment made. */
export async function startRegistries(deps: ControlDeps): Promise<void> {
  for (const registry of await findRegistries(deps.store.db)) await deps.registries.start(registry);
}
