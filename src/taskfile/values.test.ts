import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readValues } from './values.ts';

type Given = { name: string; value: string }[];
const cases: [name: string, file: string | undefined, given: Given, expected: unknown][] = [
  ['nothing', undefined, [], {}],
  ['an empty file', '', [], {}],
  ['a file of comments', '# nothing\n', [], {}],
  ['a file of null', '~', [], {}],
  ['texts and numbers', 'a: x\nb: 1\nc: 1.5\nd: 1e3', [], { a: 'x', b: 1, c: 1.5, d: 1000 }],
  ['what is quoted is a text', 'a: "1"\nb: \'true\'', [], { a: '1', b: 'true' }],
  ['YAML 1.1 truths', 'a: yes\nb: off\nc: true', [], { a: true, b: false, c: true }],
  ['null', 'a: ~\nb:', [], { a: null, b: null }],
  ['a port is no base-60 number', 'a: 8080:80\nb: 22:22', [], { a: '8080:80', b: '22:22' }],
  ['a date is a text', 'a: 2026-01-31', [], { a: '2026-01-31' }],
  ['octal and hexadecimal', 'a: 0777\nb: 0x1f', [], { a: 511, b: 31 }],
  [
    'an integer beyond the numbers stays a text',
    'a: 12345678901234567890',
    [],
    { a: '12345678901234567890' },
  ],
  ['nested maps and lists', 'a:\n  b: [1, {c: d}]', [], { a: { b: [1, { c: 'd' }] } }],
  ['names that look like truths', 'y: 1\non: 2', [], { y: 1, on: 2 }],
  ['anchors', 'a: &x {p: 1}\nb: *x', [], { a: { p: 1 }, b: { p: 1 } }],
  ['merges', 'a: &x {p: 1, q: 1}\nb: {<<: *x, q: 2}', [], { a: { p: 1, q: 1 }, b: { p: 1, q: 2 } }],
  ['a name twice: the last one', 'a: 1\na: 2', [], { a: 2 }],
  ['a given value', undefined, [{ name: 'a', value: '1' }], { a: '1' }],
  ['a given value goes first', 'a: 1\nb: 2', [{ name: 'a', value: 'x' }], { a: 'x', b: 2 }],
  ['a given value instead of a map', 'a: {b: 1}', [{ name: 'a', value: 'x' }], { a: 'x' }],
  [
    'the last given value',
    undefined,
    [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ],
    { a: '2' },
  ],
  ['a dot is part of a name', 'a: {b: 1}', [{ name: 'a.b', value: 'x' }], { a: { b: 1 }, 'a.b': 'x' }],
  ['an empty given value', 'a: 1', [{ name: 'a', value: '' }], { a: '' }],
];

for (const [name, file, given, expected] of cases) {
  test(`values: ${name}`, () => {
    assert.deepEqual(readValues(file, given), expected);
  });
}

test('a value called __proto__ is a value', () => {
  const values = readValues('__proto__: {a: 1}', []);
  assert.deepEqual(Object.keys(values), ['__proto__']);
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
});

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
    (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`,
  ),
].join('\n');

const mergeBomb = [
  'a: &a {x: 1}',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
    (name, index) => `${name}: &${name} {<<: [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]}`,
  ),
].join('\n');

const errors: [name: string, file: string, given: Given, message: RegExp][] = [
  ['a name that is empty', '', [{ name: '', value: 'x' }], /it must be given as name=value/],
  ['a list', '- a', [], /the values file must be a map/],
  ['a text', 'hello', [], /the values file must be a map/],
  ['no YAML', 'a: {', [], /the values file is no YAML.*line 1/],
  ['aliases that multiply', bomb, [], /too big, or its aliases multiply/],
  ['an alias that holds itself', 'a: &a [*a]', [], /too big/],
  ['merges that multiply', mergeBomb, [], /<< merges too much/],
  ['a merge of itself', '&a\nb: 1\n<<: *a', [], /<< merges too much/],
  ['nesting', '['.repeat(100_000), [], /nested too deeply/],
  ['a million characters', `a: ${'x'.repeat(1024 * 1024)}`, [], /it may have 1048576/],
];

for (const [name, file, given, message] of errors) {
  test(`values, refused: ${name}`, () => {
    assert.throws(() => readValues(file, given), message);
  });
}
