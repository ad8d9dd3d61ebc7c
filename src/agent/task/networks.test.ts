import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Task } from '../../taskfile/index.ts';
import { networkOf } from './networks.ts';
import { cmdStep } from './testing.ts';

const task: Task = { version: 'v1.1.0', steps: [], networks: [], volumes: [], secrets: [] };

for (const network of [
  'container:web',
  'slipway-1-1-0a1b2c3d-acb_default_network',
  '3',
  'c0ffee',
  '0'.repeat(64),
]) {
  test(`no step joins ${network}: it may be another run's`, () => {
    assert.throws(() => networkOf(task, cmdStep('a', { network })), { code: 'InvalidNetwork' });
    const skipped = { name: network, driver: 'bridge', hasIpv6: false, isCreationSkipped: true };
    const taken = { ...task, networks: [skipped] };
    assert.throws(() => networkOf(taken, cmdStep('a', { network })), { code: 'InvalidNetwork' });
  });
}

test('a step joins a network that was made for tasks', () => {
  assert.deepEqual(networkOf(task, cmdStep('a', { network: 'shared' })), { engineName: 'shared' });
});
