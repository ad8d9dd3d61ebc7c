import { describe } from 'node:test';
import { testAccepted, testRefused } from '../check-cases.ts';
import { runRequest } from './run-request.ts';

describe('requests of steps and of tasks', () => {
  const base = { isArchiveEnabled: false };
  const work = { ...base, timeout: 3600, agentConfiguration: { cpu: 2 }, values: [] };
  testAccepted(runRequest, [
    [
      'FileTaskRunRequest',
      {
        type: 'FileTaskRunRequest',
        taskFilePath: 'acb.yaml',
        platform: { os: 'linux' },
        sourceLocation: 'source/x',
      },
      {
        type: 'FileTaskRunRequest',
        taskFilePath: 'acb.yaml',
        platform: { os: 'linux' },
        sourceLocation: 'source/x',
        ...work,
      },
    ],
    [
      'EncodedTaskRunRequest, which needs no source',
      {
        type: 'EncodedTaskRunRequest',
        encodedTaskContent: 'dmVyc2lvbg==',
        platform: { os: 'linux' },
        values: [{ name: 'a', value: 'b', isSecret: true }],
      },
      {
        type: 'EncodedTaskRunRequest',
        encodedTaskContent: 'dmVyc2lvbg==',
        platform: { os: 'linux' },
        ...work,
        values: [{ name: 'a', value: 'secret:b', isSecret: true }],
      },
    ],
    [
      'EncodedTaskRunRequest of 100000 characters',
      { type: 'EncodedTaskRunRequest', encodedTaskContent: 'A'.repeat(100_000), platform: { os: 'linux' } },
      {
        type: 'EncodedTaskRunRequest',
        encodedTaskContent: 'A'.repeat(100_000),
        platform: { os: 'linux' },
        ...work,
      },
    ],
    [
      'TaskRunRequest',
      { type: 'TaskRunRequest', taskId: '/x' },
      { type: 'TaskRunRequest', taskId: '/x', ...base },
    ],
    [
      'TaskRunRequest with overrides',
      {
        type: 'TaskRunRequest',
        taskId: '/x',
        overrideTaskStepProperties: {
          contextPath: 'https://git.example.com/a.git',
          file: 'Dockerfile',
          arguments: [{ name: 'A', value: 's', isSecret: true }],
          target: 'test',
          values: [],
          updateTriggerToken: 'hunter2',
        },
      },
      {
        type: 'TaskRunRequest',
        taskId: '/x',
        ...base,
        overrideTaskStepProperties: {
          contextPath: 'https://git.example.com/a.git',
          file: 'Dockerfile',
          arguments: [{ name: 'A', value: 'secret:s', isSecret: true }],
          target: 'test',
          values: [],
          updateTriggerToken: 'secret:hunter2',
        },
      },
    ],
  ]);
  testRefused(runRequest, [
    [
      'FileTaskRunRequest without its members',
      { type: 'FileTaskRunRequest', platform: { os: 'linux' } },
      ['MissingParameter', 'taskFilePath', /required/],
      ['MissingParameter', 'sourceLocation', /required/],
    ],
    [
      'EncodedTaskRunRequest without its members',
      { type: 'EncodedTaskRunRequest' },
      ['MissingParameter', 'platform', /required/],
      ['MissingParameter', 'encodedTaskContent', /required/],
    ],
    [
      'EncodedTaskRunRequest that is not encoded',
      { type: 'EncodedTaskRunRequest', platform: { os: 'linux' }, encodedTaskContent: 'steps: []' },
      ['InvalidParameter', 'encodedTaskContent', /must be a base64 text/],
    ],
    [
      'TaskRunRequest without its task',
      { type: 'TaskRunRequest' },
      ['MissingParameter', 'taskId', /required/],
    ],
  ]);
});
