import type { Static } from 'typebox';
import { object, optional, readOnly, record, text, word } from '../members.ts';

const identityTypes = ['SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned', 'None'] as const;

export const identity = object(
  {
    principalId: readOnly(text()),
    tenantId: readOnly(text()),
    type: optional(word(identityTypes)),
    userAssignedIdentities: optional(
      record(
        object(
          { principalId: readOnly(text()), clientId: readOnly(text()) },
          { $id: 'UserIdentityProperties' },
        ),
        { mergesKeys: true, description: 'Identities by their resource IDs.' },
      ),
    ),
  },
  { $id: 'IdentityProperties' },
);

/** The identities that a resource is given. */
export type Identity = Static<typeof identity>;
