import { describe } from 'node:test';
import { testAccepted, testRefused } from '../check-cases.ts';
import { task } from './task.ts';

const docker = { type: 'Docker', dockerFilePath: 'Dockerfile' };
const dockerStep = { ...docker, imageNames: [], isPushEnabled: true, noCache: false, arguments: [] };
const properties = { platform: { os: 'linux' }, step: docker };
const filled = {
  status: 'Enabled',
  platform: { os: 'linux' },
  agentConfiguration: { cpu: 2 },
  timeout: 3600,
  step: dockerStep,
  isSystemTask: false,
};
const withProperties = (more: object) => ({ location: 'local', properties: { ...properties, ...more } });

describe('a task', () => {
  testAccepted(task, [
    ['gets its defaults', withProperties({}), { location: 'local', properties: filled }],
    [
      'without what only the server says',
      {
        ...withProperties({
          provisioningState: 'Failed',
          creationDate: 'x',
          step: { ...docker, baseImageDependencies: 'x' },
        }),
        id: 1,
        name: 'x',
        type: 'x',
        systemData: {},
        identity: { type: 'systemassigned', principalId: 'x', tenantId: 'x' },
      },
      { location: 'local', identity: { type: 'SystemAssigned' }, properties: filled },
    ],
    [
      'with a file step and secrets',
      withProperties({
        step: {
          type: 'filetask',
          taskFilePath: 'acb.yaml',
          contextPath: 'https://github.com/a/b#main',
          contextAccessToken: 'hunter2',
          values: [{ name: 'a', value: 'b', isSecret: true }],
        },
      }),
      {
        location: 'local',
        properties: {
          ...filled,
          step: {
            type: 'FileTask',
            taskFilePath: 'acb.yaml',
            contextPath: 'https://github.com/a/b#main',
            contextAccessToken: 'secret:hunter2',
            values: [{ name: 'a', value: 'secret:b', isSecret: true }],
          },
        },
      },
    ],
    [
      'with an encoded step',
      withProperties({ step: { type: 'EncodedTask', encodedTaskContent: 'YQ==' } }),
      {
        location: 'local',
        properties: { ...filled, step: { type: 'EncodedTask', encodedTaskContent: 'YQ==', values: [] } },
      },
    ],
    [
      'with a password from a vault',
      withProperties({
        credentials: {
          customRegistries: {
            'r.io': {
              identity: '[system]',
              userName: { type: 'Vaultsecret', value: 'https://v/secrets/u' },
              password: { type: 'vaultsecret', value: 'https://v/secrets/p' },
            },
          },
        },
      }),
      {
        location: 'local',
        properties: {
          ...filled,
          credentials: {
            customRegistries: {
              'r.io': {
                identity: '[system]',
                userName: { type: 'Vaultsecret', value: 'https://v/secrets/u' },
                password: { type: 'Vaultsecret', value: 'secret:https://v/secrets/p' },
              },
            },
          },
        },
      },
    ],
    [
      'with identities',
      {
        ...withProperties({}),
        identity: {
          type: 'SystemAssigned, UserAssigned',
          userAssignedIdentities: { '/a/b': { clientId: 'x' }, '/a/c': null },
        },
      },
      {
        location: 'local',
        identity: { type: 'SystemAssigned, UserAssigned', userAssignedIdentities: { '/a/b': {} } },
        properties: filled,
      },
    ],
    [
      'of the system, without a step',
      { location: 'local', properties: { isSystemTask: true } },
      {
        location: 'local',
        properties: { status: 'Enabled', agentConfiguration: { cpu: 2 }, timeout: 3600, isSystemTask: true },
      },
    ],
    [
      'with tags',
      { ...withProperties({}), tags: { a: 'b' } },
      { location: 'local', tags: { a: 'b' }, properties: filled },
    ],
  ]);
  testRefused(task, [
    [
      'with a trigger that is wrong',
      withProperties({ trigger: { timerTriggers: [{ name: 't1', schedule: 'daily' }] } }),
      [
        'InvalidParameter',
        'properties.trigger.timerTriggers[0].schedule',
        /timer trigger "t1"; it must have five fields/,
      ],
    ],
    [
      'with nothing',
      {},
      ['MissingParameter', 'location', /required/],
      ['MissingParameter', 'properties', /required/],
    ],
    [
      'without work',
      { location: 'local', properties: {} },
      ['MissingParameter', 'properties.platform', /unless isSystemTask/],
      ['MissingParameter', 'properties.step', /unless isSystemTask/],
    ],
    [
      'status',
      withProperties({ status: 'On' }),
      ['InvalidParameter', 'properties.status', /Enabled, Disabled/],
    ],
    [
      'timeout',
      withProperties({ timeout: 299 }),
      ['InvalidParameter', 'properties.timeout', /between 300 and 28800 seconds/],
    ],
    [
      'a step without its type',
      withProperties({ step: {} }),
      ['MissingParameter', 'properties.step.type', /required/],
    ],
    [
      'a step of an unknown type',
      withProperties({ step: { type: 'Shell' } }),
      ['InvalidParameter', 'properties.step.type', /Docker, FileTask, EncodedTask/],
    ],
    [
      'a Docker step',
      withProperties({ step: { type: 'Docker' } }),
      ['MissingParameter', 'properties.step.dockerFilePath', /required/],
    ],
    [
      'a file step',
      withProperties({ step: { type: 'FileTask' } }),
      ['MissingParameter', 'properties.step.taskFilePath', /required/],
    ],
    [
      'an encoded step',
      withProperties({ step: { type: 'EncodedTask' } }),
      ['MissingParameter', 'properties.step.encodedTaskContent', /required/],
    ],
    [
      'a context',
      withProperties({ step: { ...docker, contextPath: '-x' } }),
      ['InvalidParameter', 'properties.step.contextPath', /must be a path/],
    ],
    [
      'an identity',
      { ...withProperties({}), identity: { type: 'Mine' } },
      [
        'InvalidParameter',
        'identity.type',
        /SystemAssigned, UserAssigned, SystemAssigned, UserAssigned, None/,
      ],
    ],
    ['a tag', { ...withProperties({}), tags: { a: 1 } }, ['InvalidParameter', 'tags.a', /must be a text/]],
  ]);
});
