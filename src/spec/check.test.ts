import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { Secret } from '../model/index.ts';
import { refusalOf, testAccepted, testRefused } from './check-cases.ts';
import { check } from './check.ts';
import {
  filledText,
  flag,
  integer,
  list,
  namedList,
  object,
  oneOfTypes,
  optional,
  readOnly,
  record,
  refined,
  secretText,
  secretTextIf,
  text,
  echoedWord,
  word,
} from './members.ts';

const shape = oneOfTypes([
  object({ type: Type.Literal('Circle'), radius: integer({ minimum: 1 }) }),
  object({ type: Type.Literal('Square'), side: integer({ minimum: 1, maximum: 9, unit: 'metres' }) }),
] as const);

const schema = object({
  plain: optional(text()),
  short: optional(text({ maxLength: 3 })),
  filled: optional(filledText()),
  coded: optional(text({ pattern: '^[a-z]+$', rule: 'lower case' })),
  colour: optional(word(['Red', 'Green'] as const)),
  echoed: optional(echoedWord(['Linux', 'Windows'])),
  flag: optional(flag()),
  number: optional(integer({ minimum: 1, maximum: 5 })),
  free: optional(integer({ minimum: 0 })),
  list: optional(list(text(), { maxItems: 2 })),
  named: optional(namedList(object({ name: text(), value: optional(text()) }))),
  record: optional(
    record(text(), { maxProperties: 2, propertyNames: text({ pattern: '^[a-z"_]+$', rule: 'a word' }) }),
  ),
  keyed: optional(record(text())),
  server: readOnly(text()),
  secret: optional(secretText()),
  pair: optional(object({ value: secretTextIf('isSecret'), isSecret: flag({ default: false }) })),
  shape: optional(shape),
  only: optional(flag({ supported: { value: false, because: 'nobody can' } })),
  ordered: optional(
    refined(object({ low: integer(), high: integer() }), ({ low, high }, refuse) => {
      if (low > high) refuse('high', `is less than ${low}`);
    }),
  ),
});

describe('check accepts', () => {
  testAccepted(schema, [
    ['an empty object', {}, {}],
    ['nothing unknown', { nobody: 1, plain: 'a' }, { plain: 'a' }],
    ['null as absent', { plain: null, list: null, shape: null }, {}],
    ['undefined as absent', { plain: undefined }, {}],
    ['an empty text', { plain: '' }, { plain: '' }],
    ['a text of 4096 characters', { plain: 'x'.repeat(4096) }, { plain: 'x'.repeat(4096) }],
    [
      'a secret of 65536 characters',
      { secret: 'x'.repeat(65_536) },
      { secret: `secret:${'x'.repeat(65_536)}` },
    ],
    ['a word in any case, canonically', { colour: 'gREEN' }, { colour: 'Green' }],
    ['an echoed word in any case, as sent', { echoed: 'lINUX' }, { echoed: 'lINUX' }],
    ['false', { flag: false }, { flag: false }],
    ['the limits of a number', { number: 5, free: 0 }, { number: 5, free: 0 }],
    ['no read-only member', { server: 'mine' }, {}],
    ['not even a wrong read-only member', { server: 7 }, {}],
    ['an empty list', { list: [] }, { list: [] }],
    ['a record without its null values', { record: { a: 'x', b: null } }, { record: { a: 'x' } }],
    ['a secret', { secret: 'hunter2' }, { secret: 'secret:hunter2' }],
    ['a secret again', { secret: new Secret('hunter2') }, { secret: 'secret:hunter2' }],
    [
      'a secret by its flag',
      { pair: { value: 'v', isSecret: true } },
      { pair: { value: 'secret:v', isSecret: true } },
    ],
    ['a plain text by its flag', { pair: { value: 'v' } }, { pair: { value: 'v', isSecret: false } }],
    [
      'a secret by its flag again',
      { pair: { value: new Secret('v'), isSecret: true } },
      { pair: { value: 'secret:v', isSecret: true } },
    ],
    [
      'a branch by its type in any case',
      { shape: { type: 'CIRCLE', radius: 2 } },
      { shape: { type: 'Circle', radius: 2 } },
    ],
    [
      'only the members of the branch',
      { shape: { type: 'Circle', radius: 2, side: 99 } },
      { shape: { type: 'Circle', radius: 2 } },
    ],
    ['the supported value', { only: false }, { only: false }],
    ['a rule that holds', { ordered: { low: 1, high: 1 } }, { ordered: { low: 1, high: 1 } }],
  ]);

  test('members called __proto__ change nothing', () => {
    const body: unknown = JSON.parse(
      '{"__proto__":{"a":"x"},"record":{"__proto__":{"a":"x"},"constructor":{}}}',
    );
    const member = object({ a: optional(text()) });
    const checked = check(object({ a: optional(text()), record: record(member) }), body);
    assert.deepEqual(Object.keys(checked), ['record']);
    assert.equal(checked.a, undefined);
    assert.equal(Object.getPrototypeOf(checked.record), Object.prototype);
    assert.deepEqual(Object.entries(checked.record), [['constructor', {}]]);
  });

  test('an inherited member is not one of the body', () => {
    assert.deepEqual(check(schema, Object.create({ plain: 'a' })), {});
  });
});

describe('check refuses', () => {
  testRefused(object({ a: text(), b: filledText(), c: object({ d: text() }) }), [
    ['a missing member', { b: 'x', c: { d: '' } }, ['MissingParameter', 'a', /^a is required$/]],
    ['null for a required one', { a: null, b: 'x', c: { d: '' } }, ['MissingParameter', 'a', /is required/]],
    [
      'an empty one that must be filled',
      { a: '', b: '', c: { d: '' } },
      ['MissingParameter', 'b', /is empty; it is required/],
    ],
    ['a missing one below', { a: '', b: 'x', c: {} }, ['MissingParameter', 'c.d', /is required/]],
    [
      'all of them at once, in order',
      { c: { d: 5 } },
      ['MissingParameter', 'a', /required/],
      ['MissingParameter', 'b', /required/],
      ['InvalidParameter', 'c.d', /is 5; it must be a text/],
    ],
  ]);
  testRefused(schema, [
    ['a number for a text', { plain: 5 }, ['InvalidParameter', 'plain', /is 5; it must be a text/]],
    [
      'an object for a text',
      { plain: { a: 1 } },
      ['InvalidParameter', 'plain', /is an object; it must be a text/],
    ],
    [
      'a text that is too long',
      { short: 'abcd' },
      ['InvalidParameter', 'short', /is 4 characters long; at most 3/],
    ],
    [
      'a text of 4097 characters',
      { plain: 'x'.repeat(4097) },
      ['InvalidParameter', 'plain', /4097 characters long; at most 4096/],
    ],
    [
      'a secret of 65537 characters',
      { secret: 'x'.repeat(65_537) },
      ['InvalidParameter', 'secret', /at most 65536/],
    ],
    ['a NUL character', { plain: 'a\0b' }, ['InvalidParameter', 'plain', /NUL/]],
    ['half of a character', { plain: 'a\ud800' }, ['InvalidParameter', 'plain', /surrogate/]],
    [
      'a NUL character in a key',
      { keyed: { 'a\0b': 'x' } },
      ['InvalidParameter', 'keyed["a\\u0000b"]', /NUL/],
    ],
    ['a NUL character in a secret', { secret: 'a\0b' }, ['InvalidParameter', 'secret', /NUL/]],
    [
      'a text against its pattern',
      { coded: 'AB' },
      ['InvalidParameter', 'coded', /is "AB"; it must be lower case/],
    ],
    [
      'an unknown word',
      { colour: 'Blue' },
      ['InvalidParameter', 'colour', /is "Blue"; it must be one of Red, Green/],
    ],
    ['an unknown echoed word', { echoed: 'BeOS' }, ['InvalidParameter', 'echoed', /one of Linux, Windows/]],
    [
      'a text for a flag',
      { flag: 'true' },
      ['InvalidParameter', 'flag', /is "true"; it must be true or false/],
    ],
    [
      'a number below its limit',
      { number: 0 },
      ['InvalidParameter', 'number', /is 0; it must be between 1 and 5/],
    ],
    [
      'a number above its limit',
      { number: 6 },
      ['InvalidParameter', 'number', /is 6; it must be between 1 and 5/],
    ],
    ['a fraction', { number: 1.5 }, ['InvalidParameter', 'number', /is 1.5; it must be between/]],
    ['a text for a number', { number: '3' }, ['InvalidParameter', 'number', /is "3"; it must be between/]],
    [
      'a number below its only limit',
      { free: -1 },
      ['InvalidParameter', 'free', /is -1; it must be an integer from 0 on/],
    ],
    ['an object for a list', { list: {} }, ['InvalidParameter', 'list', /is an object; it must be a list/]],
    [
      'a list that is too long',
      { list: ['a', 'b', 'c'] },
      ['InvalidParameter', 'list', /has 3 items; at most 2/],
    ],
    ['a list of 1001 items', { named: Array(1001).fill({}) }, ['InvalidParameter', 'named', /at most 1000/]],
    ['null in a list', { list: ['a', null] }, ['InvalidParameter', 'list[1]', /is null; it must be a text/]],
    [
      'two items of one name',
      { named: [{ name: 'a' }, { name: 'A' }] },
      ['InvalidParameter', 'named[1].name', /is "A"; another item of the list has that name/],
    ],
    [
      'a list for an object',
      { record: ['a'] },
      ['InvalidParameter', 'record', /is a list; it must be an object/],
    ],
    [
      'a record that is too big',
      { record: { a: '', b: '', c: '' } },
      ['InvalidParameter', 'record', /has 3 members; at most 2/],
    ],
    [
      'a key against its rule',
      { record: { 'B B': '' } },
      ['InvalidParameter', 'record["B B"]', /must be a word/],
    ],
    [
      'a value of a record',
      { record: { 'a"b': 1 } },
      ['InvalidParameter', 'record["a\\"b"]', /must be a text/],
    ],
    [
      'a branch without its type',
      { shape: { radius: 1 } },
      ['MissingParameter', 'shape.type', /is required/],
    ],
    [
      'an unknown type, by the possible ones',
      { shape: { type: 'Line' } },
      ['InvalidParameter', 'shape.type', /is "Line"; it must be one of Circle, Square/],
    ],
    [
      'a type that is no text',
      { shape: { type: 5 } },
      ['InvalidParameter', 'shape.type', /is 5; it must be one of/],
    ],
    [
      'what the branch does not allow, and nothing of the other',
      { shape: { type: 'Square', side: 10 } },
      ['InvalidParameter', 'shape.side', /is 10; it must be between 1 and 9 metres/],
    ],
    ['what we do not perform', { only: true }, ['NotSupported', 'only', /must be false: nobody can/]],
    [
      'a rule that does not hold',
      { ordered: { low: 2, high: 1 } },
      ['InvalidParameter', 'ordered.high', /is less than 2/],
    ],
    [
      'a wrong member and not the rule over it',
      { ordered: { low: 2, high: 'x' } },
      ['InvalidParameter', 'ordered.high', /is "x"; it must be an integer$/],
    ],
  ]);

  for (const body of [undefined, null, 5, 'text', [], true]) {
    test(`${JSON.stringify(body)} as a body`, () => {
      assert.equal(refusalOf(schema, body).code, 'InvalidRequestContent');
    });
  }

  test('several offences, and says so', () => {
    const error = refusalOf(schema, { flag: 1, number: 9, only: true });
    assert.equal(error.message, 'flag is 1; it must be true or false (and 2 more, see details)');
    assert.equal(error.details.length, 3);
  });

  test('secrets without showing them', () => {
    for (const body of [
      { secret: { value: 'hunter2' } },
      { secret: ['hunter2'] },
      { pair: 'hunter2' },
      { pair: { value: 7_777_777, isSecret: true } },
    ]) {
      assert.doesNotMatch(JSON.stringify(refusalOf(schema, body).details), /hunter2|7777777/);
    }
  });
});
