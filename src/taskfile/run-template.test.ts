import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { logTargetOf } from './log-target.ts';
import { fillRunTemplate, type RunNames } from './run-template.ts';

const run: RunNames = {
  runId: 'ca7',
  os: 'Linux',
  architecture: 'amd64',
  registry: 'localhost:5001',
  registryName: 'Slipway',
  createTime: new Date('2026-11-24T03:02:01.123Z'),
  taskName: undefined,
};

describe('run templates', () => {
  const filled: [string, string][] = [
    ['plain', 'plain'],
    ['{{.Run.ID}}', 'ca7'],
    ['{{.Build.ID}}', 'ca7'],
    ['{{ .Run.ID }}', 'ca7'],
    ['a{{.Run.OS}}b{{.Run.Architecture}}c', 'alinuxbamd64c'],
    ['{{.Run.Registry}}/{{.Run.RegistryName}}', 'localhost:5001/slipway'],
    ['{{.Run.Date}}', '20261124-030201z'],
    ['{{.Run.TaskName}}', 'quicktask'],
    ['single { and } stay', 'single { and } stay'],
  ];
  for (const [template, expected] of filled) {
    test(template, () => assert.equal(fillRunTemplate(template, run), expected));
  }
  test('the name of the task', () => {
    assert.equal(fillRunTemplate('{{.Run.TaskName}}', { ...run, taskName: 'Nightly' }), 'nightly');
  });

  const refused: [string, RegExp][] = [
    ['{{.Run.Secret}}', /\{\{\.Run\.Secret\}\} is not known; there are \{\{\.Run\.ID\}\}/],
    ['{{Run.ID}}', /is not known/],
    ['{{.constructor}}', /is not known/],
    ['{{}}', /is not known/],
    ['{{.Run.ID', /no counterpart/],
    ['.Run.ID}}', /no counterpart/],
    ['{{.Run.ID | upper}}', /is not known/],
  ];
  for (const [template, message] of refused) {
    test(`refuses ${template}`, () =>
      assert.throws(() => fillRunTemplate(template, run), { code: 'InvalidTemplate', message }));
  }
});

describe('where a log goes', () => {
  const targets: [string, string, string][] = [
    ['acr/tasks:{{.Run.OS}}', 'acr/tasks', 'linux'],
    ['logs/{{.Run.TaskName}}:{{.Run.ID}}', 'logs/quicktask', 'ca7'],
    ['logs', 'logs', 'latest'],
    ['{{.Run.Registry}}/logs:{{.Run.Date}}', 'logs', '20261124-030201z'],
  ];
  for (const [template, repository, tag] of targets) {
    test(template, () => assert.deepEqual(logTargetOf(template, run), { repository, tag }));
  }

  const refused = [
    ...['Upper/case:x', 'a b:c', 'logs:', ':tag', '', ' ', '/logs:x', 'logs//x:y', '../x:y'],
    ...['logs:{{.Run.Registry}}', 'logs:{{.Nothing}}', `logs@sha256:${'0'.repeat(64)}`, 'logs:a\u0000b'],
    `logs:${'x'.repeat(129)}`,
  ];
  for (const template of refused) {
    test(`refuses ${JSON.stringify(template).slice(0, 40)}`, () => {
      assert.throws(
        () => logTargetOf(template, run),
        (error) =>
          error instanceof ServiceError &&
          error.statusCode === 400 &&
          error.target === 'logTemplate' &&
          error.message.startsWith('logTemplate is '),
      );
    });
  }
});
