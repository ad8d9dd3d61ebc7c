import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAnsiReader } from '../portal/src/log/ansi.ts';
import { createLogLines } from '../portal/src/log/log-lines.ts';

const escape = '\x1b[';
type Shown = readonly (readonly [text: string, className: string, color?: string])[];

describe('colours of logs', () => {
  const cases: [name: string, line: string, shown: Shown][] = [
    ['none', 'plain\r', [['plain', '']]],
    [
      'a colour',
      `${escape}31mred${escape}0m.`,
      [
        ['red', 'fg-1'],
        ['.', ''],
      ],
    ],
    ['bold and bright', `${escape}1;92mPASS`, [['PASS', 'bold fg-10']]],
    ['of 256, with a name', `${escape}38;5;9mx`, [['x', 'fg-9']]],
    ['of 256, of the cube', `${escape}38;5;208mx`, [['x', '', 'rgb(255 135 0)']]],
    ['of 256, grey', `${escape}38;5;232mx`, [['x', '', 'rgb(8 8 8)']]],
    ['true', `${escape}38;2;1;2;3mx`, [['x', '', 'rgb(1 2 3)']]],
    ['of numbers that are none', `${escape}38;2;999;;1mx`, [['x', '', 'rgb(231 0 1)']]],
    ['inverse', `${escape}7;31mx`, [['x', 'fg-inverse bg-1']]],
    ['cursor movements vanish', `a${escape}2K${escape}1Gb`, [['ab', '']]],
    ['titles and links vanish', '\x1b]8;;http://x\x07text\x1b]8;;\x1b\\', [['text', '']]],
    ['what is written over', '10 %\r50 %\rdone\r', [['done', '']]],
    ['half an escape', 'end\x1b[', [['end', '']]],
  ];
  for (const [name, line, shown] of cases) {
    test(name, () => {
      const spans = createAnsiReader().readLine(line);
      const merged: [string, string, string?][] = [];
      for (const { text, className, color } of spans) {
        const last = merged.at(-1);
        if (last && last[1] === className && last[2] === color) last[0] += text;
        else merged.push(color === undefined ? [text, className] : [text, className, color]);
      }
      assert.deepEqual(merged, shown);
    });
  }

  test('they go on from line to line, and a line that is not whole yet changes nothing', () => {
    const reader = createAnsiReader();
    reader.readLine(`${escape}32mgreen`);
    reader.copy().readLine(`${escape}31m`);
    assert.equal(reader.readLine('still')[0]?.className, 'fg-2');
  });
});

describe('lines of logs', () => {
  const textOf = (lines: ReturnType<typeof createLogLines>): string[] =>
    lines.snapshot().flatMap((block) => block.lines.map((spans) => spans.map(({ text }) => text).join('')));

  test('pieces that end anywhere', () => {
    const lines = createLogLines();
    for (const piece of ['on', 'e\r', '\ntwo\r\nth', 'ree']) lines.push(piece);
    assert.deepEqual(textOf(lines), ['one', 'two', 'three']);
  });

  test('of a log that is read from its middle, the first whole line is the first', () => {
    const lines = createLogLines();
    lines.skip();
    for (const piece of ['lf a', ' line', '\nwhole\n', 'rest']) lines.push(piece);
    assert.deepEqual(textOf(lines), ['whole', 'rest']);
  });

  test('of a long log the last lines are kept, under their numbers', () => {
    const lines = createLogLines();
    for (let number = 1; number <= 100_000; number += 1) lines.push(`line ${number}\n`);
    const text = textOf(lines);
    assert.equal(text.at(-1), 'line 100000');
    assert.equal(text.length, 30_000);
    assert.equal(text[0], `line ${lines.snapshot()[0]?.first}`);
  });
});
