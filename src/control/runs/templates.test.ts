import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../../model/index.ts';
import { check, dockerBuildRequest, encodedTaskRunRequest } from '../../spec/index.ts';
import { testRegistry } from '../tasks/testing.ts';
import { runVariables } from './run-variables.ts';
import { checkTemplates, pushRepositories } from './templates.ts';

const requestOf = (members: object) =>
  check(dockerBuildRequest, {
    type: 'DockerBuildRequest',
    dockerFilePath: 'Dockerfile',
    platform: { os: 'Linux' },
    sourceLocation: 'https://git.example.com/app.git',
    ...members,
  });
const now = new Date('2026-11-24T03:47:43Z');
const run = { runId: 'ca7', taskName: undefined, platform: { os: 'Linux' }, createTime: now };

test('what the server knows of a run', () => {
  assert.deepEqual(runVariables(testRegistry, run), {
    ID: 'ca7',
    TaskName: 'quicktask',
    Registry: 'localhost:5001',
    RegistryName: 'Registry1',
    Date: '20261124-034743z',
    OS: 'linux',
    Architecture: 'amd64',
    TriggeredBy: '',
  });
  assert.equal(runVariables(testRegistry, { ...run, taskName: 'Build-App' }).TaskName, 'Build-App');
});

describe('templates of a build', () => {
  test('that can be rendered, and secrets with anything in them, are let in', () => {
    const secret = { name: 'a', value: '{{whatever', isSecret: true };
    const imageNames = ['{{.Run.Registry}}/a:{{.Run.Commit}}', '{{.Run.Branch}}/a', 'a:{{.Run.ID | upper}}'];
    const request = requestOf({ imageNames, arguments: [secret, { name: 'b', value: '{{.Run.GitTag}}' }] });
    checkTemplates(testRegistry, request, { taskName: undefined, now });
  });

  for (const [members, target] of [
    [{ imageNames: ['a:v1', 'a:{{.Run.Id}}'] }, 'imageNames[1]'],
    [{ dockerFilePath: '{{.Run.ID' }, 'dockerFilePath'],
    [{ imageNames: ['{{.Run.TaskName | upper}}:v1'] }, 'imageNames[0]'],
    [{ dockerFilePath: '{{.Values.file}}' }, 'dockerFilePath'],
    [{ arguments: [{ name: 'a', value: '{{ nosuchfunction }}' }] }, 'arguments[0].value'],
  ] as const) {
    test(`${JSON.stringify(members)} is refused`, () => {
      assert.throws(
        () => checkTemplates(testRegistry, requestOf(members), { taskName: undefined, now }),
        (error) =>
          error instanceof ServiceError &&
          error.statusCode === 400 &&
          error.code === 'InvalidTemplate' &&
          error.target === target &&
          error.message.startsWith(target),
      );
    });
  }
});

describe('the repositories to which a run may push', () => {
  for (const [imageNames, expected] of [
    [[], []],
    [
      ['app', 'app:v1', 'team/app:{{.Run.ID}}'],
      ['app', 'team/app'],
    ],
    [['localhost:5001/app@sha256:0', 'docker.io/other:v1'], ['app']],
    [
      ['app:{{.Run.Commit}}', '{{.Run.Registry}}/b:v-{{.Run.Branch}}-x'],
      ['app', 'b'],
    ],
    [['{{.Run.RegistryName | lower}}/app:{{.Run.ID}}'], ['registry1/app']],
    [['app', '{{.Run.Branch}}/app:v1'], ['*']],
    [['{{if eq .Run.Branch "main"}}prod{{else}}test{{end}}/app:v1'], ['*']],
    [['app:{{if eq .Run.Branch "main"}}prod{{else}}test{{end}}'], ['app']],
    [['{{if .Run.Commit}}a:v1{{else}}b:v2{{end}}'], ['*']],
    [['app-{{now | date "20060102"}}:v1'], ['*']],
    [['app-{{randAlpha 5 | lower}}:v1'], ['*']],
  ] as const) {
    test(JSON.stringify(imageNames), () => {
      const found = pushRepositories(
        testRegistry,
        requestOf({ imageNames }),
        runVariables(testRegistry, run),
      );
      assert.deepEqual(found, expected);
    });
  }

  test('are all with a task file', () => {
    const request = check(encodedTaskRunRequest, {
      type: 'EncodedTaskRunRequest',
      encodedTaskContent: 'c3RlcHM6IFtd',
      platform: { os: 'Linux' },
    });
    assert.deepEqual(pushRepositories(testRegistry, request, runVariables(testRegistry, run)), ['*']);
  });
});
