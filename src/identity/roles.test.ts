import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowed } from './index.ts';

const subscription = '/subscriptions/s1';
const group = `${subscription}/resourceGroups/g1`;
const registry = `${group}/providers/Microsoft.ContainerRegistry/registries/r1`;
const read = 'Microsoft.ContainerRegistry/registries/read';
const schedule = 'Microsoft.ContainerRegistry/registries/scheduleRun/action';

const cases: [action: string, scope: string, assigned: string, actions: string[], isAllowed: boolean][] = [
  [read, registry, '/', ['*'], true],
  [read, registry, subscription, ['*'], true],
  [read, registry, group, ['*'], true],
  [read, registry, registry, ['*'], true],
  [read, registry, `${registry}/`, ['*'], true],
  [read, `${registry}/runs/ca1`, registry, ['*'], true],
  [read, registry.toUpperCase(), registry, ['*'], true],
  [read.toUpperCase(), registry, registry, [read], true],
  [read, '/', '/', ['*'], true],
  // Others, their parents, and those whose names begin alike.
  [read, group, registry, ['*'], false],
  [read, '/', subscription, ['*'], false],
  [read, `${registry}1`, registry, ['*'], false],
  [read, `${group}0`, group, ['*'], false],
  [read, '/subscriptions/s2', subscription, ['*'], false],
  // Actions.
  [read, registry, registry, [], false],
  [read, registry, registry, [read], true],
  [schedule, registry, registry, [read], false],
  [schedule, registry, registry, [read, schedule], true],
  [read, registry, registry, ['*/read'], true],
  [schedule, registry, registry, ['*/read'], false],
  [schedule, registry, registry, ['Microsoft.ContainerRegistry/registries/*'], true],
  [schedule, registry, registry, ['Microsoft.ContainerRegistry/*/action'], true],
  [schedule, registry, registry, ['Microsoft.ContainerRegistry/registries'], false],
  [schedule, registry, registry, ['Microsoft.Storage/*'], false],
  ['MicrosoftXContainerRegistry/registries/read', registry, registry, [read], false],
  [`x${read}`, registry, registry, [read], false],
  [`${read}x`, registry, registry, [read], false],
];
for (const [action, scope, assigned, actions, expected] of cases) {
  const what = `${action} on ${scope} by ${JSON.stringify(actions)} on ${assigned}`;
  test(`${expected ? 'allowed' : 'denied'}: ${what}`, () => {
    assert.equal(isAllowed([{ scope: assigned, actions }], action, scope), expected);
  });
}

test('without an assignment nothing is allowed, and one of several is enough', () => {
  assert.equal(isAllowed([], read, registry), false);
  const assignments = [
    { scope: group, actions: [schedule] },
    { scope: registry, actions: [read] },
  ];
  assert.equal(isAllowed(assignments, read, registry), true);
  assert.equal(isAllowed(assignments, schedule, registry), true);
  assert.equal(isAllowed(assignments, read, group), false);
});
