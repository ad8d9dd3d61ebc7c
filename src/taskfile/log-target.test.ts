import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { logTargetOf } from './log-target.ts';

const values = {
  ID: 'ca7',
  OS: 'linux',
  Registry: 'localhost:5001',
  Date: '20261124-030201z',
  TaskName: 'quicktask',
} as const;
const targetOf = (template: string) =>
  logTargetOf(template, 'localhost:5001', values, new Date('2026-11-24T03:02:01Z'));

describe('where a log goes', () => {
  const targets: [string, string, string][] = [
    ['acr/tasks:{{.Run.OS}}', 'acr/tasks', 'linux'],
    ['logs/{{.Run.TaskName}}:{{.Run.ID}}', 'logs/quicktask', 'ca7'],
    ['logs', 'logs', 'latest'],
    ['{{.Run.Registry}}/logs:{{.Run.Date}}', 'logs', '20261124-030201z'],
  ];
  for (const [template, repository, tag] of targets) {
    test(template, () => assert.deepEqual(targetOf(template), { repository, tag }));
  }

  const refused = [
    ...['Upper/case:x', 'a b:c', 'logs:', ':tag', '', ' ', '/logs:x', 'logs//x:y', '../x:y'],
    ...[
      'logs:{{.Run.Registry}}',
      'logs:{{.Nothing}}',
      'logs:{{.Run.Commit}}',
      `logs@sha256:${'0'.repeat(64)}`,
      'logs:a\u0000b',
    ],
    `logs:${'x'.repeat(129)}`,
  ];
  for (const template of refused) {
    test(`refuses ${JSON.stringify(template).slice(0, 40)}`, () => {
      assert.throws(
        () => targetOf(template),
        (error) =>
          error instanceof ServiceError &&
          error.statusCode === 400 &&
          error.target === 'logTemplate' &&
          error.message.startsWith('logTemplate is '),
      );
    });
  }
});
