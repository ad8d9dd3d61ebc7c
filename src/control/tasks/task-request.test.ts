import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../../model/index.ts';
import { check, revealSecrets, taskRunRequest } from '../../spec/index.ts';
import { taskWorkRequest } from './task-request.ts';
import { testRegistry, testTask } from './testing.ts';

const step = {
  type: 'Docker',
  contextPath: 'https://git.example.com/team/app.git#main',
  contextAccessToken: 'token-4711',
  imageNames: ['app:{{.Run.ID}}'],
  isPushEnabled: false,
  noCache: true,
  dockerFilePath: 'Dockerfile',
  target: 'web',
  arguments: [
    { name: 'A', value: 'task' },
    { name: 'B', value: 'hidden', isSecret: true },
  ],
};

const build = (properties: object, request: object = {}): Record<string, unknown> => {
  const asked = check(taskRunRequest, { type: 'TaskRunRequest', taskId: '/t', ...request });
  const made = taskWorkRequest(testRegistry, testTask(properties), asked);
  return revealSecrets(made) as Record<string, unknown>; // an object of the request's members
};
const overridden = (overrideTaskStepProperties: object): Record<string, unknown> =>
  build({ step }, { overrideTaskStepProperties });

describe('the build that a run of a task is', () => {
  test('has all that the task says', () => {
    const credentials = { sourceRegistry: { loginMode: 'None' } };
    const properties = {
      step,
      timeout: 600,
      agentConfiguration: { cpu: 4 },
      agentPoolName: 'pool1',
      credentials,
    };
    assert.deepEqual(build({ ...properties, logTemplate: 'logs:v1' }), {
      type: 'DockerBuildRequest',
      isArchiveEnabled: false,
      agentPoolName: 'pool1',
      logTemplate: 'logs:v1',
      timeout: 600,
      platform: { os: 'Linux', architecture: 'arm64' },
      agentConfiguration: { cpu: 4 },
      credentials,
      imageNames: ['app:{{.Run.ID}}'],
      isPushEnabled: false,
      noCache: true,
      dockerFilePath: 'Dockerfile',
      target: 'web',
      arguments: [
        { name: 'A', value: 'task', isSecret: false },
        { name: 'B', value: 'hidden', isSecret: true },
      ],
      sourceLocation: step.contextPath,
      contextAccessToken: 'token-4711',
    });
  });

  for (const [name, properties, request, expected] of [
    ['the pool', { agentPoolName: 'pool1' }, { agentPoolName: 'pool2' }, { agentPoolName: 'pool2' }],
    ['the log template', { logTemplate: 'a' }, { logTemplate: 'b' }, { logTemplate: 'b' }],
    ['whether it is kept', {}, { isArchiveEnabled: true }, { isArchiveEnabled: true }],
  ] as const) {
    test(`takes from the request: ${name}`, () => {
      const made = build({ step, ...properties }, request);
      for (const [member, value] of Object.entries(expected)) assert.deepEqual(made[member], value);
    });
  }

  for (const [name, override, expected] of [
    ['file', { file: 'other.Dockerfile' }, { dockerFilePath: 'other.Dockerfile' }],
    ['an empty file, which is none', { file: '' }, { dockerFilePath: 'Dockerfile' }],
    ['target', { target: 'test' }, { target: 'test' }],
    ['updateTriggerToken', { updateTriggerToken: 'dG9r' }, { updateTriggerToken: 'dG9r' }],
    [
      'arguments by name',
      {
        arguments: [
          { name: 'B', value: 'open' },
          { name: 'C', value: 'new', isSecret: true },
        ],
      },
      {
        arguments: [
          { name: 'A', value: 'task', isSecret: false },
          { name: 'B', value: 'open', isSecret: false },
          { name: 'C', value: 'new', isSecret: true },
        ],
      },
    ],
    [
      'a context of the same host, with the token',
      { contextPath: 'https://git.example.com/team/other.git' },
      { sourceLocation: 'https://git.example.com/team/other.git', contextAccessToken: 'token-4711' },
    ],
    [
      'a context of another host, without the token',
      { contextPath: 'https://elsewhere.example.com/team/app.git' },
      { sourceLocation: 'https://elsewhere.example.com/team/app.git', contextAccessToken: undefined },
    ],
    [
      'the same context without encryption, without the token',
      { contextPath: 'http://git.example.com/team/app.git' },
      { contextAccessToken: undefined },
    ],
  ] as const) {
    test(`overrides ${name}`, () => {
      const made = overridden(override);
      for (const [member, value] of Object.entries(expected)) assert.deepEqual(made[member], value);
    });
  }

  const values = [
    { name: 'a', value: 'task', isSecret: false },
    { name: 'b', value: 'hidden', isSecret: true },
  ];
  const override = {
    ...{ file: 'other.yaml', values: [{ name: 'a', value: 'run' }], target: 'none', arguments: values },
    contextPath: 'https://git.example.com/other.git',
  };
  const made = {
    isArchiveEnabled: false,
    timeout: 3600,
    platform: { os: 'Linux', architecture: 'arm64' },
    agentConfiguration: { cpu: 2 },
    values: [{ name: 'a', value: 'run', isSecret: false }, values[1]],
    sourceLocation: 'https://git.example.com/other.git',
  };

  test('of a file task: file, values and context', () => {
    const file = { type: 'FileTask', taskFilePath: 'acb.yaml', valuesFilePath: 'values.yaml', values };
    const { contextPath, contextAccessToken } = step;
    const request = { overrideTaskStepProperties: override };
    assert.deepEqual(build({ step: { ...file, contextPath, contextAccessToken } }, request), {
      type: 'FileTaskRunRequest',
      ...made,
      contextAccessToken,
      taskFilePath: 'other.yaml',
      valuesFilePath: 'values.yaml',
    });
  });

  test('of an encoded task: values and context, which it may lack', () => {
    const encoded = { type: 'EncodedTask', encodedTaskContent: 'YQ==', encodedValuesContent: 'Yg==', values };
    assert.deepEqual(build({ step: encoded }, { overrideTaskStepProperties: override }), {
      type: 'EncodedTaskRunRequest',
      ...made,
      encodedTaskContent: 'YQ==',
      encodedValuesContent: 'Yg==',
    });
    const { sourceLocation } = build({ step: encoded });
    assert.equal(sourceLocation, undefined);
  });

  for (const [name, properties, expected] of [
    [
      'a disabled task',
      { status: 'Disabled', step },
      [409, 'TaskDisabled', 'taskId', /Build-App.*--status Enabled/],
    ],
    [
      'a file task without a context',
      { step: { type: 'FileTask', taskFilePath: 'acb.yaml' } },
      [400, 'MissingParameter', 'overrideTaskStepProperties.contextPath', /Build-App has no contextPath/],
    ],
    ['a system task', { isSystemTask: true }, [400, 'NotSupported', 'taskId', /is a system task/]],
    [
      'a task without a context',
      { step: { ...step, contextPath: undefined } },
      [400, 'MissingParameter', 'overrideTaskStepProperties.contextPath', /Build-App has no contextPath/],
    ],
  ] as const) {
    test(`${name} is refused`, () => {
      assert.throws(
        () => build(properties),
        (error) => {
          assert.ok(error instanceof ServiceError);
          const [status, code, target, message] = expected;
          assert.deepEqual([error.statusCode, error.code, error.target], [status, code, target]);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
