import { ServiceError } from '../../model/index.ts';
import type { Identity } from '../../spec/index.ts';
import { userAssignedIdentity } from '../tasks/identity.ts';

/** Whether a resource acts as itself. */
export function hasSystemIdentity(identity: Identity | undefined): boolean {
  return identity?.type?.includes('SystemAssigned') ?? false;
}

/**
 * Checks that a resource which logs in as `[system]` has an identity of its own.
 * @throws ServiceError 400 that names `identity`.
 */
export function requireSystemIdentity(identity: Identity | undefined, login: string | undefined): void {
  if (login?.toLowerCase() !== '[system]' || hasSystemIdentity(identity)) return;
  throw new ServiceError(
    400,
    'InvalidParameter',
    `identity.type is ${identity?.type ?? 'not set'}, but credentials.sourceRegistry.identity is [system]; ` +
      'set identity to {"type": "SystemAssigned"}, or log in as [caller]',
    { target: 'identity' },
  );
}

/**
 * An identity as it is answered: the system's with the principal that was made for the resource, a user's
 * with ids that are the same for every resource that has it.
 */
export function describeIdentity(identity: Identity, principalId: string, tenantId: string): Identity {
  const { type = 'None', userAssignedIdentities = {} } = identity;
  const users = Object.keys(userAssignedIdentities).map(
    (id) => [id, userAssignedIdentity(tenantId, id)] as const,
  );
  return {
    ...(hasSystemIdentity(identity) && { principalId, tenantId }),
    type,
    ...(users.length > 0 && { userAssignedIdentities: Object.fromEntries(users) }),
  };
}
