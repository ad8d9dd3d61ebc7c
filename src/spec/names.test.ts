import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNames, isName, type PathParameter } from './names.ts';

const id = '11111111-2222-3333-4444-555555555555';

const sound: readonly [PathParameter, string][] = [
  ['subscriptionId', id],
  ['subscriptionId', 'ABCDEFAB-2222-3333-4444-555555555555'],
  ['resourceGroupName', 'a'],
  ['resourceGroupName', 'Grüße-1_(x).y'],
  ['resourceGroupName', 'x'.repeat(90)],
  ['registryName', 'abcde'],
  ['registryName', 'A1'.repeat(25)],
  ['agentPoolName', 'a-1'],
  ['taskName', 'my_task-1'],
  ['taskRunName', 'task-run-1'],
  ['runId', 'ca1'],
];

const wrong: readonly [PathParameter, string, code: string][] = [
  ['subscriptionId', 'x', 'InvalidSubscriptionId'],
  ['subscriptionId', `${id}0`, 'InvalidSubscriptionId'],
  ['resourceGroupName', 'a.', 'InvalidResourceGroupName'],
  ['resourceGroupName', 'a b', 'InvalidResourceGroupName'],
  ['resourceGroupName', 'x'.repeat(91), 'InvalidResourceGroupName'],
  ['registryName', 'abcd', 'InvalidResourceName'],
  ['registryName', 'abc-de', 'InvalidResourceName'],
  ['registryName', 'a'.repeat(51), 'InvalidResourceName'],
  ['agentPoolName', 'ab', 'InvalidResourceName'],
  ['agentPoolName', 'a'.repeat(21), 'InvalidResourceName'],
  ['agentPoolName', 'a_b', 'InvalidResourceName'],
  ['taskName', 'abcd', 'InvalidResourceName'],
  ['taskName', 'a'.repeat(51), 'InvalidResourceName'],
  ['taskName', 'my.task', 'InvalidResourceName'],
  ['taskRunName', 'task_run', 'InvalidResourceName'],
  ['runId', 'ca-1', 'InvalidResourceName'],
  ['runId', 'ca1\n', 'InvalidResourceName'],
];

for (const [kind, name] of sound) {
  test(`${name.slice(0, 20)} is a ${kind}`, () => {
    assert.ok(isName(kind, name));
    checkNames({ [kind]: name, other: '?' });
  });
}

for (const [kind, name, code] of wrong) {
  test(`${JSON.stringify(name.slice(0, 20))} is no ${kind}`, () => {
    assert.throws(
      () => {
        checkNames({ [kind]: name });
      },
      { statusCode: 400, code, target: kind, message: new RegExp(`^The ${kind} is ".*"; it must be .*\\.$`) },
    );
  });
}
