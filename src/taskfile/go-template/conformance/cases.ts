import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../../model/index.ts';
import { renderTemplate } from '../index.ts';

/** What the templates of the cases read. */
const data = {
  name: 'web',
  n: 3,
  zero: 0,
  f: 1.5,
  big: 12345678901,
  neg: -7,
  t: true,
  fl: false,
  empty: '',
  nul: null,
  list: ['a', 'b', 'c'],
  nums: [3, 1, 2],
  mixed: [1, 'two', 3.5, true, null],
  nolist: [],
  m: { b: 2, a: 1, c: { d: 'deep' } },
  nomap: {},
  Values: { image: 'web:v1', tags: ['x', 'y'], opts: { debug: true, level: 3 } },
  Run: { ID: 'ca1', Registry: 'r.azurecr.io' },
  html: "<a href='x'>&\"</a>",
  uni: 'héllo wörld',
  multi: 'line1\nline2\nline3',
  nested: [[1, 2], [3]],
  objs: [
    { n: 'x', v: 1 },
    { n: 'y', v: 2 },
  ],
};

export const render = (template: string, given: unknown = data): string =>
  renderTemplate(template, given, {
    name: 'main',
    now: new Date('2024-03-05T06:07:08Z'),
    random: (below) => below - 1,
  });

/** Templates and what Go 1.19 and sprig 3.2.3 make of them. */
export function renders(cases: readonly (readonly [template: string, expected: string])[]): void {
  for (const [template, expected] of cases) {
    test(template, () => assert.equal(render(template), expected));
  }
}

/** Templates that fail in Go too, with the place and the message that we give. */
export function fails(cases: readonly (readonly [template: string, message: string])[]): void {
  for (const [template, message] of cases) {
    test(template, () => {
      assert.throws(
        () => render(template),
        (error) => {
          assert.ok(error instanceof ServiceError);
          assert.equal(error.statusCode, 400);
          assert.equal(error.code, 'InvalidTemplate');
          assert.equal(error.message, `main:${message}`);
          return true;
        },
      );
    });
  }
}
