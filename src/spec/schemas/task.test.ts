import { describe } from 'node:test';
import { testAccepted, testRefused } from '../check-cases.ts';
import { task, taskUpdate } from './task.ts';

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
const withTrigger = (trigger: object) => withProperties({ trigger });
const timer = (more: object) =>
  withTrigger({ timerTriggers: [{ name: 't1', schedule: '0 4 * * *', ...more }] });
const source = {
  name: 'src',
  sourceRepository: { sourceControlType: 'Github', repositoryUrl: 'https://github.com/a/b' },
  sourceTriggerEvents: ['commit'],
};
const at = 'properties.trigger';

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
      'with every trigger',
      withTrigger({
        timerTriggers: [{ name: 't1', schedule: '0 4 * * *' }],
        sourceTriggers: [
          {
            ...source,
            status: 'disabled',
            sourceTriggerEvents: ['Commit', 'PULLREQUEST'],
            sourceRepository: {
              ...source.sourceRepository,
              sourceControlType: 'github',
              sourceControlAuthProperties: {
                tokenType: 'pat',
                token: 'hunter2',
                scope: 'repo',
                refreshToken: null,
              },
            },
          },
        ],
        baseImageTrigger: {
          name: 'base',
          baseImageTriggerType: 'runtime',
          updateTriggerPayloadType: 'default',
        },
      }),
      {
        location: 'local',
        properties: {
          ...filled,
          trigger: {
            timerTriggers: [{ name: 't1', schedule: '0 4 * * *', status: 'Enabled' }],
            sourceTriggers: [
              {
                ...source,
                status: 'Disabled',
                sourceTriggerEvents: ['commit', 'pullrequest'],
                sourceRepository: {
                  ...source.sourceRepository,
                  sourceControlAuthProperties: { tokenType: 'PAT', token: 'secret:hunter2', scope: 'repo' },
                },
              },
            ],
            baseImageTrigger: {
              name: 'base',
              status: 'Enabled',
              baseImageTriggerType: 'Runtime',
              updateTriggerPayloadType: 'Default',
            },
          },
        },
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
      'a timer without its name',
      timer({ name: undefined }),
      ['MissingParameter', `${at}.timerTriggers[0].name`, /required/],
    ],
    [
      'a timer without its schedule',
      timer({ schedule: null }),
      ['MissingParameter', `${at}.timerTriggers[0].schedule`, /required/],
    ],
    [
      'a schedule of six fields',
      timer({ schedule: '0 0 4 * * *' }),
      [
        'InvalidParameter',
        `${at}.timerTriggers[0].schedule`,
        /the timer trigger "t1"; it must have five fields.* has 6/,
      ],
    ],
    [
      'a schedule',
      timer({ schedule: '61 4 * * *' }),
      [
        'InvalidParameter',
        `${at}.timerTriggers[0].schedule`,
        /"t1"; its minute must be \* or in 0-59, not "61"/,
      ],
    ],
    [
      'two timers of one name',
      withTrigger({ timerTriggers: [1, 2].map((hour) => ({ name: 't1', schedule: `0 ${hour} * * *` })) }),
      ['InvalidParameter', `${at}.timerTriggers[1].name`, /another item/],
    ],
    [
      'two sources of one name',
      withTrigger({ sourceTriggers: [source, source] }),
      ['InvalidParameter', `${at}.sourceTriggers[1].name`, /another item/],
    ],
    [
      'a source with nothing',
      withTrigger({ sourceTriggers: [{}] }),
      ['MissingParameter', `${at}.sourceTriggers[0].sourceRepository`, /required/],
      ['MissingParameter', `${at}.sourceTriggers[0].sourceTriggerEvents`, /required/],
      ['MissingParameter', `${at}.sourceTriggers[0].name`, /required/],
    ],
    [
      'a source repository',
      withTrigger({
        sourceTriggers: [
          { ...source, sourceRepository: { sourceControlType: 'Gitea' }, sourceTriggerEvents: ['push'] },
        ],
      }),
      [
        'InvalidParameter',
        `${at}.sourceTriggers[0].sourceRepository.sourceControlType`,
        /Github, VisualStudioTeamService/,
      ],
      ['MissingParameter', `${at}.sourceTriggers[0].sourceRepository.repositoryUrl`, /required/],
      ['InvalidParameter', `${at}.sourceTriggers[0].sourceTriggerEvents[0]`, /commit, pullrequest/],
    ],
    [
      'an authorisation',
      withTrigger({
        sourceTriggers: [
          { ...source, sourceRepository: { ...source.sourceRepository, sourceControlAuthProperties: {} } },
        ],
      }),
      [
        'MissingParameter',
        `${at}.sourceTriggers[0].sourceRepository.sourceControlAuthProperties.tokenType`,
        /required/,
      ],
      [
        'MissingParameter',
        `${at}.sourceTriggers[0].sourceRepository.sourceControlAuthProperties.token`,
        /required/,
      ],
    ],
    [
      'a base image trigger',
      withTrigger({ baseImageTrigger: { updateTriggerPayloadType: 'All' } }),
      ['MissingParameter', `${at}.baseImageTrigger.baseImageTriggerType`, /required/],
      ['InvalidParameter', `${at}.baseImageTrigger.updateTriggerPayloadType`, /Default, Token/],
      ['MissingParameter', `${at}.baseImageTrigger.name`, /required/],
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

describe('an update of a task', () => {
  testAccepted(taskUpdate, [
    ['gets no defaults', {}, {}],
    [
      'not even below',
      { properties: { step: { type: 'docker' }, agentConfiguration: {} } },
      { properties: { step: { type: 'Docker' }, agentConfiguration: {} } },
    ],
    [
      'keeps null where it removes',
      { tags: null, properties: { logTemplate: null, timeout: null } },
      { tags: null, properties: { logTemplate: null, timeout: null } },
    ],
    [
      'drops null where it cannot remove',
      { properties: { platform: { os: null } } },
      { properties: { platform: {} } },
    ],
    [
      'ignores what cannot be changed',
      { location: 5, properties: { isSystemTask: 5, provisioningState: 5 } },
      { properties: {} },
    ],
    [
      'sends part of a timer',
      { properties: { trigger: { timerTriggers: [{ name: 't1', status: 'disabled' }] } } },
      { properties: { trigger: { timerTriggers: [{ name: 't1', status: 'Disabled' }] } } },
    ],
    [
      'removes a registry',
      { properties: { credentials: { customRegistries: { 'r.io': null } } } },
      { properties: { credentials: { customRegistries: { 'r.io': null } } } },
    ],
    [
      'fills in whole arguments',
      { properties: { step: { type: 'Docker', arguments: [{ name: 'a', value: 'b' }] } } },
      { properties: { step: { type: 'Docker', arguments: [{ name: 'a', value: 'b', isSecret: false }] } } },
    ],
  ]);
  testRefused(taskUpdate, [
    [
      'without a name of a timer',
      { properties: { trigger: { timerTriggers: [{ status: 'Enabled' }] } } },
      ['MissingParameter', `${at}.timerTriggers[0].name`, /required/],
    ],
    [
      'without the type of a step',
      { properties: { step: { dockerFilePath: 'x' } } },
      ['MissingParameter', 'properties.step.type', /required/],
    ],
    [
      'with half an argument',
      { properties: { step: { type: 'Docker', arguments: [{ name: 'a' }] } } },
      ['MissingParameter', 'properties.step.arguments[0].value', /required/],
    ],
    ['with a wrong value', { properties: { timeout: 1 } }, ['InvalidParameter', 'properties.timeout', /300/]],
    [
      'that empties what is required',
      { properties: { step: { type: 'Docker', dockerFilePath: '' } } },
      ['MissingParameter', 'properties.step.dockerFilePath', /empty/],
    ],
  ]);
});
