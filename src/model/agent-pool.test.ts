import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentPoolTierLimits, defaultCpu, runLimits } from './agent-pool.ts';

for (const [tier, cpu, expected] of [
  [undefined, defaultCpu, {}],
  [undefined, 1, { cpu: 1 }],
  [undefined, 8, { cpu: 8 }],
  ['S1', 8, agentPoolTierLimits.S1],
] as const) {
  test(`a run that asks for ${cpu} CPUs ${tier ? `on a pool of tier ${tier}` : 'on the default pool'}`, () => {
    assert.deepEqual(runLimits(tier, cpu), expected);
  });
}
