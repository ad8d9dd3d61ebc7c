import {
  createRegistry,
  deleteRegistry,
  findRegistryIn,
  getAdminCredentials,
  getRegistryUsage,
  isRegistryNameTaken,
  listRegistries,
  regenerateAdminPassword,
  updateRegistry,
  type AdminCredentials,
  type ControlDeps,
} from '../../control/index.ts';
import { ServiceError, type Registry } from '../../model/index.ts';
import {
  check,
  checkNameAvailabilityRequest,
  isName,
  mergePatch,
  regenerateCredentialRequest,
  registry as registrySchema,
  registryUpdate,
  type RegistryRequest,
} from '../../spec/index.ts';
import type { Router } from './router.ts';
import { registryBody } from './wire-registry.ts';

const provider = 'Microsoft.ContainerRegistry';
const kind = `${provider}/registries`;
const versions = 'registries';

/** Registries: list, get, create, update, delete, name availability, usages, admin credentials. */
export function registryRoutes(router: Router, control: ControlDeps): void {
  const all = `/providers/${kind}`;
  const one = `${all}/:registryName`;

  router.inSubscription(
    { method: 'GET', path: all, action: `${kind}/read`, versions },
    async ({ subscriptionId }) => ({
      value: (await listRegistries(control, subscriptionId)).map(registryBody),
    }),
  );
  router.inResourceGroup(
    { method: 'GET', path: all, action: `${kind}/read`, versions },
    async ({ group }) => ({
      value: (await listRegistries(control, group.subscriptionId, group.name)).map(registryBody),
    }),
  );
  router.inSubscription(
    {
      method: 'POST',
      path: `/providers/${provider}/checkNameAvailability`,
      action: `${provider}/checkNameAvailability/read`,
      versions,
    },
    async ({ body }) => nameAvailability(control, body),
  );

  router.inRegistry({ method: 'GET', path: '', action: `${kind}/read`, versions }, async ({ registry }) =>
    registryBody(registry),
  );
  router.inResourceGroup(
    { method: 'PUT', path: one, action: `${kind}/write`, versions },
    async ({ group, params, caller, body, reply }) => {
      const { subscriptionId, name: resourceGroupName } = group;
      const name = params.registryName ?? '';
      const request = check(registrySchema, body);
      const { location } = request;
      const existing = await findRegistryIn(control, subscriptionId, resourceGroupName, name);
      if (!existing) {
        const place = { subscriptionId, resourceGroupName, name, location, properties: {} };
        reply.code(201);
        return registryBody(await createRegistry(control, caller, { ...place, ...settingsOf(request) }));
      }
      if (location.toLowerCase() !== existing.location.toLowerCase()) {
        const message = `The registry ${existing.name} is in location '${existing.location}'; a registry cannot move to another.`;
        throw new ServiceError(409, 'InvalidResourceLocation', message, { target: 'location' });
      }
      return registryBody(await updateRegistry(control, caller, existing, settingsOf(request)));
    },
  );
  router.inRegistry(
    { method: 'PATCH', path: '', action: `${kind}/write`, versions },
    async ({ registry, caller, body }) => {
      const merged = mergePatch(registrySchema, requestOf(registry), check(registryUpdate, body));
      const changes = settingsOf(check(registrySchema, merged));
      return registryBody(await updateRegistry(control, caller, registry, changes));
    },
  );
  router.inResourceGroup(
    { method: 'DELETE', path: one, action: `${kind}/delete`, versions },
    async ({ group, params, reply }) => {
      const registry = await findRegistryIn(
        control,
        group.subscriptionId,
        group.name,
        params.registryName ?? '',
      );
      if (registry) await deleteRegistry(control, registry);
      await reply.code(registry ? 200 : 204).send();
    },
  );

  router.inRegistry(
    { method: 'GET', path: '/listUsages', action: `${kind}/listUsages/read`, versions },
    async ({ registry }) => ({ value: await getRegistryUsage(control, registry) }),
  );
  router.inRegistry(
    { method: 'POST', path: '/listCredentials', action: `${kind}/listCredentials/action`, versions },
    async ({ registry }) => credentialsBody(await getAdminCredentials(control, registry)),
  );
  router.inRegistry(
    {
      method: 'POST',
      path: '/regenerateCredential',
      action: `${kind}/regenerateCredential/action`,
      versions,
    },
    async ({ registry, body }) => {
      const { name } = check(regenerateCredentialRequest, body);
      return credentialsBody(await regenerateAdminPassword(control, registry, name));
    },
  );
}

/** What a client decides about a registry, as it is kept. */
function settingsOf({ sku, tags = {}, properties }: RegistryRequest) {
  return { sku: sku.name, tags, isAdminUserEnabled: properties.adminUserEnabled };
}

/** The request that would make the registry as it is. */
function requestOf({ location, sku, tags, isAdminUserEnabled }: Registry) {
  return { location, sku: { name: sku }, tags, properties: { adminUserEnabled: isAdminUserEnabled } };
}

function credentialsBody({ username, passwords }: AdminCredentials) {
  const [first, second] = passwords;
  return {
    username,
    passwords: [
      { name: 'password', value: first },
      { name: 'password2', value: second },
    ],
  };
}

async function nameAvailability(control: ControlDeps, body: unknown) {
  const { name } = check(checkNameAvailabilityRequest, body);
  const unavailable = (reason: string, message: string) => ({ nameAvailable: false, reason, message });
  if (!isName('registryName', name)) {
    return unavailable('Invalid', 'The registry name must have 5 to 50 characters, letters and digits only.');
  }
  if (await isRegistryNameTaken(control, name)) {
    return unavailable('AlreadyExists', `The registry ${name} is already in use.`);
  }
  return { nameAvailable: true };
}
