import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from './plan.ts';
import { dependenciesOf } from './step-graph.ts';

/** `a`, `b:-`, `c:a,b`: the id of a step and its `when`. */
function graph(text: string): { id: string; when: string[] }[] {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => {
      const [id = '', when] = part.split(':');
      return { id, when: when === undefined ? [] : when.split(',') };
    });
}

const cases: [name: string, steps: string, levels: string, path: string][] = [
  ['no step', '', '', ''],
  ['one step', 'a', 'a', 'a'],
  ['one after the other', 'a b c', 'a | b | c', 'a b c'],
  ['all at once', 'a:- b:- c:-', 'a b c', 'a'],
  ['without when: after the one before, whatever that waits for', 'a:- b:- c', 'a b | c', 'b c'],
  ['a step that waits for two', 'a:- b:- c:a,b', 'a b | c', 'a c'],
  ['a diamond', 'a b:a c:a d:b,c', 'a | b c | d', 'a b d'],
  ['a step that waits for a later one', 'a:c b:- c:-', 'b c | a', 'c a'],
  ['a name twice', 'a b:a,a', 'a | b', 'a b'],
  ['a matrix', 'a b:a c:a d:a e:b,c,d', 'a | b c d | e', 'a b e'],
  ['the longest way has a slow step', 'a:- slow:- b:a c:b', 'a slow | b | c', 'slow'],
];

for (const [name, text, levels, path] of cases) {
  test(`plan: ${name}`, () => {
    const written = graph(text);
    const dependencies = dependenciesOf(written);
    const steps = written.map(({ id }) => ({ id, dependsOn: dependencies.get(id) ?? [] }));
    const plan = planOf(steps, ({ id }) => (id === 'slow' ? 100 : 1));
    assert.equal(plan.levels.map((level) => level.join(' ')).join(' | '), levels);
    assert.equal(plan.criticalPath.join(' '), path);
  });
}

test('plan: the seconds of the longest way', () => {
  const steps = [
    { id: 'a', dependsOn: [], seconds: 5 },
    { id: 'b', dependsOn: [], seconds: 7 },
    { id: 'c', dependsOn: ['a', 'b'], seconds: 1 },
  ];
  assert.equal(planOf(steps, ({ seconds }) => seconds).criticalSeconds, 8);
});

const errors: [name: string, steps: string, message: RegExp][] = [
  ['one id twice', 'a b a', /two steps are called a; an id must be unique/],
  ['acb_root', 'acb_root', /acb_root is reserved/],
  ['- and another', 'a b:-,a', /step b waits for -, a; with "-" it starts at once/],
  ['itself', 'a:a', /step a waits for itself/],
  ['nobody', 'a b:nobody', /step b waits for "nobody", which is no step; there are a, b/],
  ['a cycle of two', 'a:b b:a', /steps wait for each other: (a → b → a|b → a → b)/],
  [
    'a cycle of three',
    'a:c b:a c:b',
    /steps wait for each other: (a → b → c → a|b → c → a → b|c → a → b → c)/,
  ],
  [
    'a cycle behind a way into it',
    'x:- y:x a:y,c b:a c:b',
    /wait for each other: [abc] → [abc] → [abc] → [abc]$/,
  ],
  ['a cycle through a step without when', 'a:b b', /wait for each other: (a → b → a|b → a → b)/],
];

for (const [name, text, message] of errors) {
  test(`graph, refused: ${name}`, () => {
    assert.throws(() => dependenciesOf(graph(text)), message);
  });
}

test('a chain of 5000 steps is planned', () => {
  const written = Array.from({ length: 5000 }, (_, index) => ({ id: `s${index}`, when: [] }));
  assert.equal(dependenciesOf(written).size, 5000);
});
