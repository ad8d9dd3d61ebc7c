import { randomBytes, timingSafeEqual } from 'node:crypto';
import { ServiceError, type Registry, type SystemData } from '../../model/index.ts';
import {
  deleteRegistryRow,
  findAdminPasswords,
  findRegistries,
  findRegistry,
  findRegistryByName,
  insertRegistry,
  setAdminPasswords,
  updateRegistryRow,
  type RegistryChanges,
} from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';

export type NewRegistry = Pick<
  Registry,
  | 'subscriptionId'
  | 'resourceGroupName'
  | 'name'
  | 'location'
  | 'sku'
  | 'tags'
  | 'isAdminUserEnabled'
  | 'properties'
>;

export function findRegistryIn(
  deps: ControlDeps,
  subscriptionId: string,
  resourceGroupName: string,
  name: string,
): Promise<Registry | undefined> {
  return findRegistry(deps.store.db, subscriptionId, resourceGroupName, name);
}

export function listRegistries(
  deps: ControlDeps,
  subscriptionId: string,
  resourceGroupName?: string,
): Promise<Registry[]> {
  const within = { subscriptionId, ...(resourceGroupName !== undefined && { resourceGroupName }) };
  return findRegistries(deps.store.db, within);
}

export async function isRegistryNameTaken(deps: ControlDeps, name: string): Promise<boolean> {
  return (await findRegistryByName(deps.store.db, name)) !== undefined;
}

/** Makes a registry and brings it up. @throws ServiceError 409 `AlreadyInUse`. */
export async function createRegistry(
  deps: ControlDeps,
  caller: Caller,
  request: NewRegistry,
): Promise<Registry> {
  if (await isRegistryNameTaken(deps, request.name)) throw alreadyInUse(request.name);
  const registryId = deps.newId();
  const systemData = touchedBy(caller, deps.now());
  const place = await deps.registries.allocate(request.name);
  const passwords = [newPassword(), newPassword()].map((password) => deps.sealer.seal(password, registryId));
  const registry = await insertRegistry(
    deps.store.db,
    { ...request, ...place, registryId, systemData },
    passwords,
  );
  if (!registry) throw alreadyInUse(request.name);
  try {
    await deps.registries.start(registry);
  } catch (error) {
    await deleteRegistryRow(deps.store.db, registryId);
    throw error;
  }
  return registry;
}

function alreadyInUse(name: string): ServiceError {
  return new ServiceError(
    409,
    'AlreadyInUse',
    `The registry DNS name ${name} is already in use; choose another name.`,
    {
      target: 'name',
    },
  );
}

export async function updateRegistry(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  changes: Partial<Omit<RegistryChanges, 'systemData'>>,
): Promise<Registry> {
  const systemData = touchedBy(caller, deps.now(), registry.systemData);
  const updated = { ...registry, ...changes, systemData };
  await updateRegistryRow(deps.store.db, registry.registryId, updated);
  return updated;
}

/** What a registry has used of its limits; the disk is the only limit of its size. */
export async function getRegistryUsage(deps: ControlDeps, registry: Registry) {
  const sizeBytes = await deps.registries.measure(registry);
  return [{ name: 'Size', limit: Number.MAX_SAFE_INTEGER, currentValue: sizeBytes, unit: 'Bytes' }];
}

export interface AdminCredentials {
  readonly username: string;
  readonly passwords: readonly [string, string];
}

/** The admin user's name and its two passwords. @throws ServiceError 400 when it is disabled. */
export async function getAdminCredentials(deps: ControlDeps, registry: Registry): Promise<AdminCredentials> {
  if (!registry.isAdminUserEnabled) {
    throw new ServiceError(
      400,
      'UnAuthorizedForCredentialOperations',
      `The admin user of registry ${registry.name} is disabled; enable it with: az acr update -n ${registry.name} --admin-enabled true`,
    );
  }
  const sealed = await findAdminPasswords(deps.store.db, registry.registryId);
  const [first = '', second = ''] = sealed.map((text) =>
    deps.sealer.open(text, registry.registryId).reveal(),
  );
  return { username: registry.name, passwords: [first, second] };
}

/** Replaces one of the two admin passwords. */
export async function regenerateAdminPassword(
  deps: ControlDeps,
  registry: Registry,
  which: 'password' | 'password2',
): Promise<AdminCredentials> {
  await getAdminCredentials(deps, registry);
  const sealed = await findAdminPasswords(deps.store.db, registry.registryId);
  sealed[which === 'password' ? 0 : 1] = deps.sealer.seal(newPassword(), registry.registryId);
  await setAdminPasswords(deps.store.db, registry.registryId, sealed);
  return getAdminCredentials(deps, registry);
}

export async function isAdminPassword(
  deps: ControlDeps,
  registryId: string,
  username: string,
  password: string,
): Promise<boolean> {
  const registry = (await findRegistries(deps.store.db)).find((each) => each.registryId === registryId);
  if (!registry?.isAdminUserEnabled || registry.name.toLowerCase() !== username.toLowerCase()) return false;
  const { passwords } = await getAdminCredentials(deps, registry);
  const given = Buffer.from(password);
  return passwords.some((each) => each.length === given.length && timingSafeEqual(Buffer.from(each), given));
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** `systemData` of a resource that the caller makes (no `before`) or changes. */
export function touchedBy(caller: Caller, now: Date, before?: SystemData): SystemData {
  const by = { who: caller.clientId, at: now.toISOString() };
  return {
    createdBy: before?.createdBy ?? by.who,
    createdByType: before?.createdByType ?? 'Application',
    createdAt: before?.createdAt ?? by.at,
    lastModifiedBy: by.who,
    lastModifiedByType: 'Application',
    lastModifiedAt: by.at,
  };
}
