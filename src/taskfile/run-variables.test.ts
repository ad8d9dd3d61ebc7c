import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { expandRunVariables, runDate, runVariablesIn } from './run-variables.ts';

const values = { 'Run.ID': 'ca1', 'Build.ID': 'ca1', 'Run.Registry': 'localhost:5001' } as const;

for (const [text, expected] of [
  ['app:{{.Run.ID}}', 'app:ca1'],
  ['{{.Run.Registry}}/app:{{ .Build.ID }}-{{.Run.ID}}', 'localhost:5001/app:ca1-ca1'],
  ['app:{{.Run.Commit}}', 'app:{{.Run.Commit}}'],
  ['no $ID, no {braces}, no }}', 'no $ID, no {braces}, no }}'],
] as const) {
  test(`${text} becomes ${expected}`, () => assert.equal(expandRunVariables(text, values), expected));
}

for (const text of ['app:{{.Run.Id}}', '{{Run.ID}}', '{{}}', 'a {{.Values.tag}}', '{{.Run.ID | upper}}']) {
  test(`${text} is refused`, () => {
    assert.throws(
      () => expandRunVariables(text, values),
      (error) => error instanceof ServiceError && error.code === 'InvalidExpression',
    );
  });
}

test('the variables of a text', () => {
  assert.deepEqual(runVariablesIn('{{.Run.Commit}}-{{.Run.ID}}'), ['Run.Commit', 'Run.ID']);
  assert.deepEqual(runVariablesIn('plain'), []);
});

test('the date of a run', () => {
  assert.equal(runDate(new Date('2026-11-24T03:47:43.123Z')), '20261124-034743z');
});
