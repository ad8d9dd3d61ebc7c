import { describe } from 'node:test';
import { testAccepted, testRefused } from '../check-cases.ts';
import { agentPool, agentPoolUpdate } from './agent-pool.ts';
import {
  checkNameAvailabilityRequest,
  regenerateCredentialRequest,
  registry,
  registryUpdate,
} from './registry.ts';
import { resourceGroup, resourceGroupUpdate } from './resource-group.ts';
import { runUpdate } from './run.ts';
import { taskRun, taskRunUpdate } from './task-run.ts';

describe('an agent pool', () => {
  testAccepted(agentPool, [
    [
      'gets its defaults',
      { location: 'local' },
      { location: 'local', properties: { count: 1, tier: 'S2', os: 'Linux' } },
    ],
    [
      'of none, paused',
      {
        location: 'local',
        properties: {
          count: 0,
          tier: 'i6',
          os: 'windows',
          virtualNetworkSubnetResourceId: '/s',
          provisioningState: 1,
        },
      },
      {
        location: 'local',
        properties: { count: 0, tier: 'I6', os: 'Windows', virtualNetworkSubnetResourceId: '/s' },
      },
    ],
  ]);
  testRefused(agentPool, [
    ['without a place', {}, ['MissingParameter', 'location', /required/]],
    [
      'in every way',
      { location: 'local', properties: { count: -1, tier: 'S9', os: 'BeOS' } },
      ['InvalidParameter', 'properties.count', /is -1; it must be between 0 and 100/],
      ['InvalidParameter', 'properties.tier', /S1, S2, S3, I6/],
      ['InvalidParameter', 'properties.os', /Linux, Windows/],
    ],
  ]);
  testAccepted(agentPoolUpdate, [
    [
      'changes its count only',
      { properties: { count: 3, tier: 'S9' }, tags: { a: 'b' } },
      { properties: { count: 3 }, tags: { a: 'b' } },
    ],
  ]);
});

describe('a task run', () => {
  const runRequest = { type: 'TaskRunRequest', taskId: '/x' };
  testAccepted(taskRun, [
    [
      'needs no place',
      { properties: { runRequest, forceUpdateTag: '1', runResult: 5, provisioningState: 5 } },
      { properties: { runRequest: { ...runRequest, isArchiveEnabled: false }, forceUpdateTag: '1' } },
    ],
  ]);
  testRefused(taskRun, [
    ['without its request', { properties: {} }, ['MissingParameter', 'properties.runRequest', /required/]],
    [
      'with a wrong request',
      { properties: { runRequest: { type: 'TaskRunRequest' } } },
      ['MissingParameter', 'properties.runRequest.taskId', /required/],
    ],
  ]);
  testAccepted(taskRunUpdate, [
    [
      'changes its tag only',
      { properties: { forceUpdateTag: '2' } },
      { properties: { forceUpdateTag: '2' } },
    ],
    [
      'changes its request in part',
      { location: 'here', properties: { runRequest: { type: 'taskrunrequest', agentPoolName: 'pool' } } },
      { location: 'here', properties: { runRequest: { type: 'TaskRunRequest', agentPoolName: 'pool' } } },
    ],
  ]);
});

describe('a registry', () => {
  const body = { location: 'local', sku: { name: 'premium', tier: 'x' } };
  const filled = { location: 'local', sku: { name: 'Premium' }, properties: { adminUserEnabled: false } };
  testAccepted(registry, [
    ['gets its defaults', body, filled],
    [
      'with what is so anyway',
      {
        ...body,
        properties: {
          anonymousPullEnabled: false,
          publicNetworkAccess: 'enabled',
          encryption: { status: 'Disabled' },
          policies: { a: 1 },
        },
      },
      {
        ...filled,
        properties: {
          adminUserEnabled: false,
          anonymousPullEnabled: false,
          publicNetworkAccess: 'Enabled',
          encryption: { status: 'disabled' },
        },
      },
    ],
  ]);
  testRefused(registry, [
    [
      'without anything',
      {},
      ['MissingParameter', 'location', /required/],
      ['MissingParameter', 'sku', /required/],
    ],
    [
      'of an unknown sku',
      { ...body, sku: { name: 'Gold' } },
      ['InvalidParameter', 'sku.name', /Basic, Standard, Premium/],
    ],
    [
      'of a long place',
      { ...body, location: 'x'.repeat(101) },
      ['InvalidParameter', 'location', /at most 100/],
    ],
    [
      'with what we do not have',
      {
        ...body,
        properties: {
          anonymousPullEnabled: true,
          dataEndpointEnabled: true,
          publicNetworkAccess: 'Disabled',
          zoneRedundancy: 'Enabled',
          encryption: { status: 'enabled' },
        },
      },
      [
        'NotSupported',
        'properties.anonymousPullEnabled',
        /must be false: a Slipway registry has no anonymous pulls/,
      ],
      ['NotSupported', 'properties.dataEndpointEnabled', /no dedicated data endpoints/],
      [
        'NotSupported',
        'properties.publicNetworkAccess',
        /must be Enabled: a Slipway registry has no network rules/,
      ],
      ['NotSupported', 'properties.zoneRedundancy', /must be Disabled/],
      ['NotSupported', 'properties.encryption.status', /must be disabled: encrypt the disk/],
    ],
    [
      'with 51 tags',
      { ...body, tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, ''])) },
      ['InvalidParameter', 'tags', /at most 50/],
    ],
    [
      'with a long tag',
      { ...body, tags: { a: 'x'.repeat(257) } },
      ['InvalidParameter', 'tags.a', /at most 256/],
    ],
  ]);
  testAccepted(registryUpdate, [
    ['changes nothing', { location: 'elsewhere' }, {}],
    ['removes its tags', { tags: null }, { tags: null }],
  ]);
  testRefused(registryUpdate, [
    [
      'an update to what we do not have',
      { properties: { anonymousPullEnabled: true } },
      ['NotSupported', 'properties.anonymousPullEnabled', /no anonymous pulls/],
    ],
  ]);
  testAccepted(checkNameAvailabilityRequest, [
    [
      'name check',
      { name: 'x', type: 'microsoft.containerregistry/REGISTRIES' },
      { name: 'x', type: 'Microsoft.ContainerRegistry/registries' },
    ],
  ]);
  testRefused(checkNameAvailabilityRequest, [
    [
      'name check of another kind',
      { name: '', type: 'x' },
      ['MissingParameter', 'name', /empty/],
      ['InvalidParameter', 'type', /registries/],
    ],
  ]);
  testRefused(regenerateCredentialRequest, [
    ['an unknown password', { name: 'password3' }, ['InvalidParameter', 'name', /password, password2/]],
  ]);
});

describe('a resource group', () => {
  testAccepted(resourceGroup, [
    [
      'with tags',
      { location: 'local', tags: { a: 'b' }, properties: 5 },
      { location: 'local', tags: { a: 'b' } },
    ],
  ]);
  testRefused(resourceGroup, [
    [
      'without a place',
      { tags: [] },
      ['MissingParameter', 'location', /required/],
      ['InvalidParameter', 'tags', /must be an object/],
    ],
  ]);
  testAccepted(resourceGroupUpdate, [['only tags', { location: 5, tags: { a: 'b' } }, { tags: { a: 'b' } }]]);
});

describe('a run', () => {
  testAccepted(runUpdate, [
    ['is kept', { isArchiveEnabled: true, status: 'x' }, { isArchiveEnabled: true }],
    ['is left', {}, {}],
  ]);
  testRefused(runUpdate, [
    [
      'is not half kept',
      { isArchiveEnabled: 1 },
      ['InvalidParameter', 'isArchiveEnabled', /is 1; it must be true or false/],
    ],
  ]);
});
