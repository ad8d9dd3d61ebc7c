import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { renderRunText, runDate } from './run-variables.ts';

const values = { ID: 'ca1', Registry: 'localhost:5001', Branch: 'main' } as const;
const surroundings = { name: 'imageNames[0]', now: new Date('2026-11-24T03:47:43Z'), random: () => 0 };

for (const [text, expected] of [
  ['app:{{.Run.ID}}', 'app:ca1'],
  ['{{.Run.Registry}}/app:{{ .Build.ID }}-{{.Run.ID}}', 'localhost:5001/app:ca1-ca1'],
  ['app:{{.Run.Commit}}', 'app:'],
  ['app:{{.Run.Branch | upper}}', 'app:MAIN'],
  ['no $ID, no {braces}, no }}', 'no $ID, no {braces}, no }}'],
] as const) {
  test(`${text} becomes ${expected}`, () =>
    assert.equal(renderRunText(text, values, surroundings), expected));
}

for (const text of ['app:{{.Run.Id}}', '{{Run.ID}}', '{{', 'a {{.Values.tag}}']) {
  test(`${text} is refused`, () => {
    assert.throws(
      () => renderRunText(text, values, surroundings),
      (error) =>
        error instanceof ServiceError &&
        error.code === 'InvalidTemplate' &&
        error.message.startsWith('imageNames[0]'),
    );
  });
}

test('the date of a run', () => {
  assert.equal(runDate(new Date('2026-11-24T03:47:43.123Z')), '20261124-034743z');
});
