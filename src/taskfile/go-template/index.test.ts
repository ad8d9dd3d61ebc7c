import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../model/index.ts';
import { render } from './conformance/cases.ts';
import { Float, fieldsOf, renderTemplate } from './index.ts';

test('keys that JavaScript objects have are missing, unless they are given', () => {
  for (const key of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.equal(render(`{{.${key}}} {{.m.${key}.x}} {{hasKey .m "${key}"}}`), '<no value> <no value> false');
    assert.equal(render(`{{(dict "${key}" 1).${key}}}`), '1');
  }
  assert.equal(render('{{.__proto__.a}}', JSON.parse('{"__proto__": {"a": 1}}')), '1');
  assert.throws(() => render('{{constructor}}'), /function "constructor" not defined/);
  assert.throws(() => render('{{.list.length}}'), /can't evaluate field length/);
});

test('a template never changes the data', () => {
  const data = { m: { a: 1 } };
  assert.equal(render('{{$_ := set .m "b" 2}}{{.m}}', data), 'map[a:1 b:2]');
  assert.deepEqual(data, { m: { a: 1 } });
});

test('whole numbers are ints, bigints too, and a Float is a float', () => {
  const data = { int: 1, big: 9223372036854775807n, float: new Float(1), half: 0.5 };
  assert.equal(
    render('{{range list .int .big .float .half}}{{printf "%T %v " . .}}{{end}}', data),
    'int 1 int 9223372036854775807 float64 1 float64 0.5 ',
  );
});

test('the environment is not the template’s to read', () => {
  for (const name of ['env', 'expandenv']) {
    assert.throws(() => render(`{{${name} "HOME"}}`), /templates cannot read the environment/);
  }
});

test('b64enc of nil is empty', () => {
  assert.equal(render('[{{b64enc .missing}}{{.missing | b64enc}}{{b64enc nil}}{{.nul | b64enc}}]'), '[]');
});

test('now and random come from outside', () => {
  assert.equal(
    render('{{now | date "2006-01-02T15:04:05Z07:00"}} {{now.Unix}}'),
    '2024-03-05T06:07:08Z 1709618828',
  );
  assert.equal(
    render('{{ago (now | dateModify "-90m")}} {{durationRound (now | dateModify "-3h")}}'),
    '1h30m0s 3h',
  );
  assert.equal(render('{{randNumeric 3}} {{randAlpha 2}} {{randInt 5 8}} {{randBytes 2}}'), '999 zz 7 //8=');
  assert.equal(render('{{uuidv4}}'), 'ffffffff-ffff-4fff-bfff-ffffffffffff');
  assert.equal(render('{{shuffle "abc"}}{{randAscii 1}}'), 'abc~');
});

test('versions of Go after 1.19', () => {
  assert.equal(render('{{with .missing}}x{{else with .name}}{{.}}{{end}}'), 'web');
});

test('an error says where, counted from 1', () => {
  assert.throws(
    () =>
      renderTemplate(
        'a\n  é{{ fail "no tag" }}',
        {},
        { name: 'acb.yaml', now: new Date(0), random: () => 0 },
      ),
    (error) => error instanceof ServiceError && error.message === 'acb.yaml:2:7: error calling fail: no tag',
  );
});

for (const [template, expected] of [
  ['{{.Run.ID}} {{$.Run.Commit}}', ['Run.ID', 'Run.Commit']],
  [
    '{{if .Values.a}}{{range .Values.b}}{{.c}}{{end}}{{else}}{{.d}}{{end}}',
    ['Values.a', 'Values.b', 'c', 'd'],
  ],
  ['{{(index .Values "x").y | default (printf "%s" .Secrets.z)}}', ['Values', 'Secrets.z']],
  ['{{define "t"}}{{.Run.OS}}{{end}}{{template "t" .}}{{with .Run}}{{.ID}}{{end}}', ['Run', 'ID', 'Run.OS']],
  ['{{$x := .Values.n}}{{$x.y}}{{nofunc .a}}', ['Values.n', 'a']],
  ['no template', []],
  ['{{.broken', []],
] as const) {
  test(`fields of ${template}`, () => {
    assert.deepEqual([...fieldsOf(template)].toSorted(), [...expected].toSorted());
  });
}
