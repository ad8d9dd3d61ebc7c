import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskIdentity } from '../../model/index.ts';
import { identityAfter, identityRequestOf, userAssignedIdentity } from './identity.ts';

const one =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one';
const system: TaskIdentity = { type: 'SystemAssigned', principalId: 'old', userAssignedIdentities: [] };
const user: TaskIdentity = { type: 'UserAssigned', userAssignedIdentities: [one] };
const both: TaskIdentity = { ...user, type: 'SystemAssigned, UserAssigned', principalId: 'old' };
const refers = { userAssignedIdentities: { [one]: {} } };

for (const [name, before, request, expected] of [
  ['a system-assigned one', undefined, { type: 'SystemAssigned' }, { ...system, principalId: 'new' }],
  ['a system-assigned one that stays', system, { type: 'SystemAssigned' }, system],
  [
    'a system-assigned one that was away',
    user,
    { type: 'SystemAssigned', ...refers },
    { ...system, principalId: 'new' },
  ],
  ['a user-assigned one', undefined, { type: 'UserAssigned', ...refers }, user],
  ['a user-assigned one without a type', undefined, refers, user],
  ['a user-assigned one instead', system, { type: 'UserAssigned', ...refers }, user],
  ['both', system, { type: 'SystemAssigned, UserAssigned', ...refers }, both],
  ['both, but the last reference is gone', both, { type: 'SystemAssigned, UserAssigned' }, system],
  ['user-assigned, but the last reference is gone', user, { type: 'UserAssigned' }, undefined],
  ['none', both, { type: 'None', ...refers }, undefined],
] as const) {
  test(`identity: ${name}`, () => {
    assert.deepEqual(
      identityAfter(before, request, () => 'new'),
      expected,
    );
  });
}

test('an identity as a request gives the same identity', () => {
  for (const identity of [system, user, both]) {
    assert.deepEqual(
      identityAfter(identity, identityRequestOf(identity), () => 'new'),
      identity,
    );
  }
});

test('a user-assigned identity has the same ids in any case of its name, and others have others', () => {
  const ids = userAssignedIdentity('t', one);
  assert.deepEqual(userAssignedIdentity('t', one.toUpperCase()), ids);
  const different = [ids, userAssignedIdentity('t', `${one}2`), userAssignedIdentity('u', one)].flatMap(
    ({ principalId, clientId }) => [principalId, clientId],
  );
  assert.equal(new Set(different).size, 6);
  for (const id of different)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
