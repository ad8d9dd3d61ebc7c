import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret } from '../model/index.ts';
import { refusalOf } from './check-cases.ts';
import { check } from './check.ts';
import { mergePatch } from './patch.ts';
import { taskRun, taskRunUpdate } from './schemas/task-run.ts';
import { task, taskUpdate } from './schemas/task.ts';
import { revealSecrets } from './secrets.ts';

const source = {
  name: 'src',
  status: 'Enabled',
  sourceRepository: {
    sourceControlType: 'Github',
    repositoryUrl: 'https://github.com/a/b',
    branch: 'main',
    sourceControlAuthProperties: { tokenType: 'PAT', token: 'hunter2', scope: 'repo' },
  },
  sourceTriggerEvents: ['commit'],
};
const body = {
  location: 'local',
  tags: { a: '1', b: '2' },
  identity: { type: 'UserAssigned', userAssignedIdentities: { '/Ids/One': {} } },
  properties: {
    status: 'Enabled',
    platform: { os: 'linux', architecture: 'amd64' },
    agentConfiguration: { cpu: 4 },
    agentPoolName: 'pool',
    timeout: 600,
    isSystemTask: false,
    logTemplate: 'logs',
    step: {
      type: 'Docker',
      contextPath: 'https://github.com/a/b',
      contextAccessToken: 'hunter3',
      dockerFilePath: 'Dockerfile',
      imageNames: ['app:v1'],
      isPushEnabled: true,
      noCache: false,
      arguments: [{ name: 'A', value: 'hunter4', isSecret: true }],
    },
    trigger: {
      timerTriggers: [
        { name: 't1', schedule: '0 4 * * *', status: 'Enabled' },
        { name: 't2', schedule: '0 5 * * *', status: 'Enabled' },
      ],
      sourceTriggers: [source],
      baseImageTrigger: { name: 'base', baseImageTriggerType: 'Runtime', status: 'Enabled' },
    },
    credentials: {
      sourceRegistry: { loginMode: 'Default' },
      customRegistries: {
        'r.io': {
          userName: { type: 'Opaque', value: 'me' },
          password: { type: 'Opaque', value: 'hunter5' },
        },
      },
    },
  },
};
const current = check(task, body);

/** The path and the value of what a patch is to change; undefined for what it removes. */
type Change = readonly [path: readonly (string | number)[], value: unknown];

function changed(original: unknown, changes: readonly Change[]): unknown {
  const copy = structuredClone(original);
  for (const [path, value] of changes) {
    const last = path.at(-1) ?? '';
    const parent = path
      .slice(0, -1)
      .reduce((at, name) => (at as Record<string | number, unknown>)[name], copy);
    const members = parent as Record<string | number, unknown>;
    if (value === undefined) Reflect.deleteProperty(members, last);
    else members[last] = value;
  }
  return copy;
}

const inTrigger = (trigger: object) => ({ properties: { trigger } });
const inCredentials = (credentials: object) => ({ properties: { credentials } });
const docker = (members: object) => ({ properties: { step: { type: 'docker', ...members } } });
const p = 'properties';

const cases: readonly (readonly [name: string, patch: object, ...changes: readonly Change[]])[] = [
  ['nothing changes nothing', {}],
  ['a member', { properties: { status: 'disabled' } }, [[p, 'status'], 'Disabled']],
  [
    'objects merge',
    { properties: { platform: { architecture: 'arm64' } } },
    [[p, 'platform', 'architecture'], 'arm64'],
  ],
  ['null removes a member', { properties: { logTemplate: null } }, [[p, 'logTemplate'], undefined]],
  [
    'null removes a member below',
    { properties: { platform: { architecture: null } } },
    [[p, 'platform', 'architecture'], undefined],
  ],
  ['null removes an object', { properties: { trigger: null } }, [[p, 'trigger'], undefined]],
  ['null gives a default back', { properties: { timeout: null } }, [[p, 'timeout'], 3600]],
  ['null leaves what is required', { properties: { platform: { os: null } } }],
  ['tags are replaced', { tags: { c: '3' } }, [['tags'], { c: '3' }]],
  ['null removes the tags', { tags: null }, [['tags'], undefined]],
  [
    'a timer merges by its name',
    inTrigger({ timerTriggers: [{ name: 'T2', status: 'Disabled' }] }),
    [[p, 'trigger', 'timerTriggers', 1], { name: 'T2', schedule: '0 5 * * *', status: 'Disabled' }],
  ],
  [
    'a new timer is appended, with its defaults',
    inTrigger({ timerTriggers: [{ name: 't3', schedule: '0 6 * * *' }] }),
    [[p, 'trigger', 'timerTriggers', 2], { name: 't3', schedule: '0 6 * * *', status: 'Enabled' }],
  ],
  ['no timers leave the timers', inTrigger({ timerTriggers: [] })],
  [
    'a source trigger merges by its name and keeps its token',
    inTrigger({ sourceTriggers: [{ name: 'src', sourceRepository: { branch: 'next' } }] }),
    [[p, 'trigger', 'sourceTriggers', 0, 'sourceRepository', 'branch'], 'next'],
  ],
  [
    'a token changes alone',
    inTrigger({
      sourceTriggers: [{ name: 'src', sourceRepository: { sourceControlAuthProperties: { token: 'new' } } }],
    }),
    [[p, 'trigger', 'sourceTriggers', 0, 'sourceRepository', 'sourceControlAuthProperties', 'token'], 'new'],
  ],
  [
    'null removes a token',
    inTrigger({ sourceTriggers: [{ name: 'src', sourceRepository: { sourceControlAuthProperties: null } }] }),
    [[p, 'trigger', 'sourceTriggers', 0, 'sourceRepository', 'sourceControlAuthProperties'], undefined],
  ],
  [
    'events are replaced',
    inTrigger({ sourceTriggers: [{ name: 'src', sourceTriggerEvents: ['pullrequest'] }] }),
    [[p, 'trigger', 'sourceTriggers', 0, 'sourceTriggerEvents'], ['pullrequest']],
  ],
  [
    'a base image trigger merges',
    inTrigger({ baseImageTrigger: { name: 'base', status: 'Disabled' } }),
    [[p, 'trigger', 'baseImageTrigger', 'status'], 'Disabled'],
  ],
  [
    'a registry is added',
    inCredentials({ customRegistries: { 's.io': { identity: '[system]' } } }),
    [[p, 'credentials', 'customRegistries', 's.io'], { identity: '[system]' }],
  ],
  [
    'a registry changes in part, whatever the case of its host',
    inCredentials({ customRegistries: { 'R.io': { password: { value: 'new' } } } }),
    [[p, 'credentials', 'customRegistries', 'r.io', 'password', 'value'], 'new'],
  ],
  [
    'null removes a registry',
    inCredentials({ customRegistries: { 'r.io': null } }),
    [[p, 'credentials', 'customRegistries'], {}],
  ],
  ['null removes no registry that is not there', inCredentials({ customRegistries: { 'x.io': null } })],
  [
    'an identity is added',
    { identity: { userAssignedIdentities: { '/ids/two': {} } } },
    [['identity', 'userAssignedIdentities', '/ids/two'], {}],
  ],
  [
    'an identity is removed',
    { identity: { type: 'None', userAssignedIdentities: { '/ids/one': null } } },
    [['identity'], { type: 'None', userAssignedIdentities: {} }],
  ],
  ['a step of the same type merges', docker({ noCache: true }), [[p, 'step', 'noCache'], true]],
  [
    'null removes the token of a step',
    docker({ contextAccessToken: null }),
    [[p, 'step', 'contextAccessToken'], undefined],
  ],
  [
    'arguments are replaced',
    docker({ arguments: [{ name: 'B', value: 'x' }] }),
    [[p, 'step', 'arguments'], [{ name: 'B', value: 'x', isSecret: false }]],
  ],
  [
    'a step of another type replaces the step',
    { properties: { step: { type: 'FileTask', taskFilePath: 'acb.yaml', valuesFilePath: null } } },
    [[p, 'step'], { type: 'FileTask', taskFilePath: 'acb.yaml', values: [] }],
  ],
];

describe('a PATCH of a task', () => {
  for (const [name, patch, ...changes] of cases) {
    test(name, () => {
      const merged = check(task, mergePatch(task, current, check(taskUpdate, patch)));
      assert.deepEqual(revealSecrets(merged), changed(body, changes));
    });
  }

  test('leaves the task and the patch as they are', () => {
    const before = structuredClone(revealSecrets(current));
    const patch = check(taskUpdate, inTrigger({ timerTriggers: [{ name: 't1', status: 'Disabled' }] }));
    const patchBefore = structuredClone(patch);
    mergePatch(task, current, patch);
    assert.deepEqual(revealSecrets(current), before);
    assert.deepEqual(patch, patchBefore);
  });

  test('keeps secrets as secrets', () => {
    const merged = mergePatch(task, current, check(taskUpdate, docker({ noCache: true })));
    assert.ok(check(task, merged).properties.step?.contextAccessToken instanceof Secret);
    assert.doesNotMatch(JSON.stringify(merged), /hunter/);
  });

  for (const [name, patch, target] of [
    [
      'a new timer without its schedule',
      inTrigger({ timerTriggers: [{ name: 't3' }] }),
      'properties.trigger.timerTriggers[2].schedule',
    ],
    [
      'another step without its file',
      { properties: { step: { type: 'FileTask' } } },
      'properties.step.taskFilePath',
    ],
    ['no step', { properties: { step: null } }, 'properties.step'],
    [
      'a new registry without a password',
      inCredentials({ customRegistries: { 's.io': {} } }),
      'properties.credentials.customRegistries["s.io"].userName',
    ],
  ] as const) {
    test(`${name} is found when the result is checked`, () => {
      const merged = mergePatch(task, current, check(taskUpdate, patch));
      assert.equal(refusalOf(task, merged).target, target);
    });
  }

  test('gives a task a trigger that had none', () => {
    const { trigger: _trigger, ...properties } = current.properties;
    const patch = check(
      taskUpdate,
      inTrigger({ timerTriggers: [{ name: 't1', schedule: '0 1 * * *' }], baseImageTrigger: null }),
    );
    const merged = check(task, mergePatch(task, { ...current, properties }, patch));
    assert.deepEqual(merged.properties.trigger, {
      timerTriggers: [{ name: 't1', schedule: '0 1 * * *', status: 'Enabled' }],
    });
  });
});

test('a PATCH of a task run merges its request, and replaces one of another type', () => {
  const before = check(taskRun, {
    properties: {
      runRequest: { type: 'TaskRunRequest', taskId: '/x', agentPoolName: 'pool' },
      forceUpdateTag: '1',
    },
  });
  const patched = (runRequest: object) =>
    check(taskRun, mergePatch(taskRun, before, check(taskRunUpdate, { properties: { runRequest } })))
      .properties;
  assert.deepEqual(patched({ type: 'TaskRunRequest', taskId: '/y', agentPoolName: null }), {
    runRequest: { type: 'TaskRunRequest', taskId: '/y', isArchiveEnabled: false },
    forceUpdateTag: '1',
  });
  const encoded = { type: 'EncodedTaskRunRequest', encodedTaskContent: 'YQ==', platform: { os: 'linux' } };
  assert.deepEqual(patched(encoded).runRequest, {
    ...encoded,
    isArchiveEnabled: false,
    timeout: 3600,
    agentConfiguration: { cpu: 2 },
    values: [],
  });
});
