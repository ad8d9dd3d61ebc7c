import { planDeployment, type Plan } from './plan.ts';
import { resolveParameters } from './parameters.ts';
import type { Surroundings } from './surroundings.ts';
import { readTemplate } from './template.ts';

// What the tests of this room share.

export const subscriptionId = '11111111-1111-1111-1111-111111111111';
export const groupId = `/subscriptions/${subscriptionId}/resourceGroups/group1`;
export const registries = 'Microsoft.ContainerRegistry/registries';

export const surroundings: Surroundings = {
  subscription: { id: `/subscriptions/${subscriptionId}`, subscriptionId, tenantId: 'tenant1' },
  resourceGroup: { id: groupId, name: 'group1', location: 'local', tags: { team: 'blue' } },
  tenant: { tenantId: 'tenant1' },
  environment: { name: 'Slipway', suffixes: { acrLoginServer: '.localhost' } },
  deploymentName: 'deployment1',
  location: 'local',
  now: new Date('2026-03-04T05:06:07.089Z'),
  newId: () => '22222222-2222-2222-2222-222222222222',
};

/** Plans a template with these parameters, `{ name: value }`. */
export function planOf(template: object, parameters: Record<string, unknown> = {}): Plan {
  const read = readTemplate({ resources: [], ...template });
  const given = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }]));
  return planDeployment(read, resolveParameters(read, given, surroundings), surroundings);
}

/** A registry in a template. */
export function registry(name: string, more: object = {}): object {
  return { type: registries, apiVersion: '2019-05-01', name, location: 'local', ...more };
}

/** What the expression of an output comes to. */
export function valueOf(expression: unknown, template: object = {}): unknown {
  const outputs = planOf({ ...template, outputs: { it: { type: 'array', value: [expression] } } }).outputs(
    new Map(),
  );
  return (outputs.it as { value: unknown[] }).value[0];
}
