import { isAllowed, verifyClientSecret } from '../../identity/index.ts';
import { ServiceError, registryResourceId, type Registry } from '../../model/index.ts';
import { findPrincipalByClientId, findRoleAssignments, type StoredPrincipal } from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';

/** Lets the caller do `action` on the resource `scope`, or throws ServiceError 403 `AuthorizationFailed`. */
export async function authorize(
  deps: ControlDeps,
  caller: Caller,
  action: string,
  scope: string,
): Promise<void> {
  if (await mayDo(deps, caller.objectId, action, scope)) return;
  throw new ServiceError(
    403,
    'AuthorizationFailed',
    `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization to perform ` +
      `action '${action}' over scope '${scope}'. An owner of the scope can grant it.`,
  );
}

export async function mayDo(
  deps: ControlDeps,
  objectId: string,
  action: string,
  scope: string,
): Promise<boolean> {
  return isAllowed(await findRoleAssignments(deps.store.db, objectId), action, scope);
}

/** The service principal with that client id. */
export async function findPrincipal(
  deps: ControlDeps,
  clientId: string,
): Promise<StoredPrincipal | undefined> {
  if (clientId.includes('\0')) return undefined; // the database takes no such text
  return findPrincipalByClientId(deps.store.db, clientId);
}

/** What a principal may do with a registry's images; none: not even pull. */
export async function imageActionsOf(
  deps: ControlDeps,
  objectId: string,
  registry: Registry,
): Promise<string[]> {
  const scope = registryResourceId(registry);
  const rights = [
    ['pull', 'Microsoft.ContainerRegistry/registries/pull/read'],
    ['push', 'Microsoft.ContainerRegistry/registries/push/write'],
    ['delete', 'Microsoft.ContainerRegistry/registries/artifacts/delete'],
  ] as const;
  const allowed: string[] = [];
  for (const [action, permission] of rights) {
    if (await mayDo(deps, objectId, permission, scope)) allowed.push(action);
  }
  return allowed.length === rights.length ? ['*'] : allowed;
}

/** The principal of a client id and secret, if they are right. */
export async function verifyPrincipal(
  deps: ControlDeps,
  clientId: string,
  secret: string,
): Promise<StoredPrincipal | undefined> {
  const principal = await findPrincipal(deps, clientId);
  return principal && verifyClientSecret(secret, principal.secretHash) ? principal : undefined;
}
