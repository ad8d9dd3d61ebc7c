import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TSchema } from 'typebox';
import { ServiceError } from '../model/index.ts';
import { check } from './check.ts';
import { mapSecrets } from './secrets.ts';

/** A body and what `check` makes of it; a secret stands as `secret:` and its text. */
export type Accepted = readonly [name: string, body: unknown, value: unknown];

/** A body and its offences, each with code, target and what its message says. */
export type Refused = readonly [
  name: string,
  body: unknown,
  ...offences: readonly (readonly [code: string, target: string, message: RegExp])[],
];

/** One test for each row. */
export function testAccepted(schema: TSchema, rows: readonly Accepted[]): void {
  for (const [name, body, value] of rows) {
    test(name, () => {
      const checked: unknown = check(schema, body);
      assert.deepEqual(
        mapSecrets(checked, (secret) => `secret:${secret.reveal()}`),
        value,
      );
    });
  }
}

/** One test for each row. */
export function testRefused(schema: TSchema, rows: readonly Refused[]): void {
  for (const [name, body, ...offences] of rows) {
    test(name, () => {
      const error = refusalOf(schema, body);
      const found = error.details.map(({ code, target }) => [code, target]);
      assert.deepEqual(
        found,
        offences.map(([code, target]) => [code, target]),
      );
      for (const [index, [, target, message]] of offences.entries()) {
        const said = error.details[index]?.message ?? '';
        assert.match(said, message);
        assert.ok(said.startsWith(`${target} `), said);
      }
      assert.equal(error.statusCode, 400);
      assert.deepEqual([error.code, error.target], offences[0]?.slice(0, 2));
    });
  }
}

/** The error with which `check` refuses a body. */
export function refusalOf(schema: TSchema, body: unknown): ServiceError {
  try {
    check(schema, body);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  assert.fail('the body was accepted');
}
