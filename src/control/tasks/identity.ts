import { createHash } from 'node:crypto';
import type { TaskIdentity } from '../../model/index.ts';
import type { Task } from '../../spec/index.ts';

type IdentityRequest = NonNullable<Task['identity']>;

/**
 * A task's identity after a request: its type says which of the two kinds there are, and the other is gone.
 * The system-assigned principal stays the same as long as there is one. Undefined for none at all.
 */
export function identityAfter(
  before: TaskIdentity | undefined,
  request: IdentityRequest,
  newId: () => string,
): TaskIdentity | undefined {
  const { userAssignedIdentities: references = {}, type = 'UserAssigned' } = request;
  const userAssignedIdentities = type.includes('UserAssigned') ? Object.keys(references) : [];
  const isUserAssigned = userAssignedIdentities.length > 0;
  if (type.includes('SystemAssigned')) {
    const principalId = before?.principalId ?? newId();
    const both = isUserAssigned ? 'SystemAssigned, UserAssigned' : 'SystemAssigned';
    return { type: both, principalId, userAssignedIdentities };
  }
  return isUserAssigned ? { type: 'UserAssigned', userAssignedIdentities } : undefined;
}

/** The request that would give a task its identity. */
export function identityRequestOf({ type, userAssignedIdentities }: TaskIdentity): IdentityRequest {
  if (userAssignedIdentities.length === 0) return { type };
  return { type, userAssignedIdentities: Object.fromEntries(userAssignedIdentities.map((id) => [id, {}])) };
}

/** Principal and client of a user-assigned identity: the same wherever it is referred to. */
export function userAssignedIdentity(
  tenantId: string,
  resourceId: string,
): { principalId: string; clientId: string } {
  const idOf = (what: string): string => uuidOf([tenantId, resourceId.toLowerCase(), what].join('\n'));
  return { principalId: idOf('principal'), clientId: idOf('client') };
}

/** A UUID made from a text (RFC 9562 §5.8). */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
