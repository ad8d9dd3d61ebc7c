import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../../model/index.ts';
import { check, dockerBuildRequest, revealSecrets } from '../../spec/index.ts';
import { testRegistry } from '../tasks/testing.ts';
import { checkExpressions, expandRequest, runValues } from './expand-request.ts';

const requestOf = (members: object) =>
  check(dockerBuildRequest, {
    type: 'DockerBuildRequest',
    dockerFilePath: 'Dockerfile',
    platform: { os: 'Linux' },
    sourceLocation: 'https://git.example.com/app.git',
    ...members,
  });

describe('expressions of a build', () => {
  test('are expanded in image names, Dockerfile and arguments, but not in secrets', () => {
    const request = requestOf({
      imageNames: ['{{.Run.Registry}}/app:{{.Run.ID}}-{{.Run.Commit}}', 'app:{{.Run.Date}}'],
      dockerFilePath: '{{.Run.OS}}.{{.Run.Architecture}}.Dockerfile',
      arguments: [
        { name: 'a', value: '{{.Build.ID}} {{.Run.RegistryName}} {{.Run.TaskName}} $ID {{.Run.Branch}}' },
        { name: 'b', value: '{{.Run.ID}}', isSecret: true },
      ],
    });
    const run = { runId: 'ca7', taskName: 'Build-App', now: new Date('2026-11-24T03:47:43Z') };
    const expanded = expandRequest(request, runValues(testRegistry, run, request));
    assert.deepEqual(expanded.imageNames, ['localhost:5001/app:ca7-{{.Run.Commit}}', 'app:20261124-034743z']);
    assert.equal(expanded.dockerFilePath, 'linux.amd64.Dockerfile');
    assert.deepEqual(revealSecrets(expanded.arguments), [
      { name: 'a', value: 'ca7 Registry1 Build-App $ID {{.Run.Branch}}', isSecret: false },
      { name: 'b', value: '{{.Run.ID}}', isSecret: true },
    ]);
  });

  test('of a run without a task name it quicktask', () => {
    const request = requestOf({ imageNames: ['app:{{.Run.TaskName}}'] });
    const run = { runId: 'ca7', taskName: undefined, now: new Date() };
    assert.deepEqual(expandRequest(request, runValues(testRegistry, run, request)).imageNames, [
      'app:quicktask',
    ]);
  });

  test('that can be expanded, and secrets with anything in them, are let in', () => {
    const secret = { name: 'a', value: '{{whatever}}', isSecret: true };
    checkExpressions(requestOf({ imageNames: ['{{.Run.Registry}}/a:{{.Run.Commit}}'], arguments: [secret] }));
  });

  for (const [members, target] of [
    [{ imageNames: ['a:v1', 'a:{{.Run.Id}}'] }, 'imageNames[1]'],
    [{ imageNames: ['{{.Run.Branch}}/a:v1'] }, 'imageNames[0]'],
    [{ dockerFilePath: '{{.Values.file}}' }, 'dockerFilePath'],
    [{ arguments: [{ name: 'a', value: '{{ now }}' }] }, 'arguments[0].value'],
  ] as const) {
    test(`${JSON.stringify(members)} is refused`, () => {
      assert.throws(
        () => checkExpressions(requestOf(members)),
        (error) =>
          error instanceof ServiceError && error.code === 'InvalidExpression' && error.target === target,
      );
    });
  }
});
