import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../../model/index.ts';
import { render } from './cases.ts';

const within = (count: number, open: string, inside: string, close: string) =>
  open.repeat(count) + inside + close.repeat(count);

/** Templates of somebody who wants to keep the server busy, and what stops them. */
for (const [name, template, message] of [
  ['parentheses', `{{${within(5000, '(', '1', ')')}}}`, /levels within each other/],
  ['actions', within(5000, '{{if true}}', '', '{{end}}'), /levels within each other/],
  ['else if', `{{if false}}${'{{else if false}}'.repeat(3000)}{{end}}`, /levels within each other/],
  ['recursion', '{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}', /maximum template depth/],
  [
    'recursion through actions',
    `{{define "x"}}${within(90, '{{if true}}', '{{template "x" .}}', '{{end}}')}{{end}}{{template "x" .}}`,
    /actions within each other/,
  ],
  ['repeat', '{{repeat 1000000000 "abc"}}', /at most 4194304/],
  ['indent', '{{indent 1000000000 "a"}}', /at most 4194304/],
  ['randAlphaNum', '{{randAlphaNum 100000000}}', /at most 4194304/],
  ['replace', '{{replace "" (repeat 100 "b") (repeat 100000 "a")}}', /at most 4194304/],
  ['wrapWith', '{{wrapWith 1 (repeat 1000 "x") (repeat 100000 "a")}}', /at most 4194304/],
  ['until', '{{until 1000000000}}', /at most 100000/],
  ['seq', '{{seq 1 1 100000000}}', /at most 100000/],
  ['splitList', '{{splitList "" (repeat 1000000 "a")}}', /at most 100000/],
  ['printf', '{{printf "%1000000000d" 1}}', /more than 1000000 characters/],
  ['ranges', '{{range until 100000}}{{range until 100000}}x{{end}}{{end}}', /too much work/],
  ['output', '{{range until 100000}}{{repeat 100 "x"}}{{end}}', /output has more than|too much work/],
  ['growing text', '{{$x := repeat 3000000 "a"}}{{print $x $x}}', /at most 4194304/],
  ['growing list', '{{$l := list}}{{range until 100000}}{{$l = append $l .}}{{end}}', /too much work/],
  ['shared lists', '{{$x := list 1}}{{range until 100}}{{$x = list $x $x}}{{end}}{{$x}}', /too much work/],
  [
    'shared lists as JSON',
    '{{$x := list}}{{range until 99}}{{$x = list $x $x}}{{end}}{{toJson $x}}',
    /too much work/,
  ],
  ['a dictionary in itself', '{{$d := dict}}{{$_ := set $d "a" $d}}{{$d}}', /200 levels deep/],
  ['JSON', '{{fromJson (print (repeat 9999 "[") (repeat 9999 "]"))}}', /200 levels deep/],
  ['a search again and again', '{{regexFindAll "a(.*b)?" (repeat 60000 "a") -1}}', /too much work/],
  ['a big regular expression', '{{regexFind "((a{100}){100}){100}" "a"}}', /error parsing regexp/],
  ['time zones', '{{range until 100000}}{{dateInZone "MST" now "America/New_York"}}{{end}}', /too much work/],
  ['variables', '{{$x := 1}}'.repeat(2000), /more than 1000 variables/],
  ['text', 'a'.repeat(5_000_000), /at most 4194304/],
] as const) {
  test(`the limit of ${name}`, () => {
    assert.throws(
      () => render(template),
      (error) =>
        error instanceof ServiceError && error.code === 'InvalidTemplate' && message.test(error.message),
    );
  });
}

test('regular expressions take linear time', () => {
  assert.equal(render('{{regexMatch "(a+)+$" (print (repeat 50000 "a") "b")}}'), 'false');
  assert.equal(render('{{regexReplaceAll "(x+x+)+y" (repeat 30000 "x") "" | len}}'), '30000');
});

test('numbers, durations and layouts that are too long are none', () => {
  assert.equal(render('{{int (repeat 4000000 "9")}} {{float64 (print (repeat 4000000 "1") "x")}}'), '0 0');
  assert.equal(render('{{durationRound (print (repeat 100000 "1") "h")}}'), '0s');
  assert.equal(render('{{toDate (repeat 100000 "2006") "x" | unixEpoch}}'), '-62135596800');
});

test('what a task file does is far from the limits', () => {
  const template =
    '{{range $i, $t := until 2000}}- id: step{{$i}}\n  cmd: app:{{$.tag | lower | trunc 12}}\n{{end}}';
  assert.equal(render(template, { tag: 'V1' }).split('\n').length, 4001);
});
