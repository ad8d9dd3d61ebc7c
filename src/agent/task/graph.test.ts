import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CmdStep } from '../../taskfile/index.ts';
import { hasNeighbours, nextSteps, type StepOutcome } from './graph.ts';
import { cmdStep } from './testing.ts';

/** `b: a` waits for a; `b: a +3` runs only if a exited with 3, `b: a -3` only if it did not. */
function stepsOf(text: string): CmdStep[] {
  return text.split(';').map((part) => {
    const [id = '', rest = ''] = part.split(':').map((each) => each.trim());
    const words = rest.split(' ').filter((word) => word !== '');
    const codes = (sign: string): number[] =>
      words.filter((word) => word.startsWith(sign)).map((word) => Number(word.slice(1)));
    return cmdStep(id, {
      dependsOn: words.filter((word) => !/^[+-]/.test(word)),
      exitedWith: codes('+'),
      exitedWithout: codes('-'),
    });
  });
}

/** `a` runs, `a=ok`, `a=3` failed with that exit code, `a=~3` did but its errors are ignored, `a=late`. */
function progressOf(text: string): { ended: Map<string, StepOutcome>; running: Set<string> } {
  const ended = new Map<string, StepOutcome>();
  const running = new Set<string>();
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const [id = '', end] = word.split('=');
    if (end === undefined) running.add(id);
    else if (end === 'ok') ended.set(id, { status: 'Succeeded', exitCode: 0 });
    else if (end === 'up') ended.set(id, { status: 'Succeeded' });
    else if (end === 'late') ended.set(id, { status: 'Timeout' });
    else if (end === 'skip') ended.set(id, { status: 'Skipped' });
    else if (end.startsWith('~')) ended.set(id, { status: 'Succeeded', exitCode: Number(end.slice(1)) });
    else ended.set(id, { status: 'Failed', exitCode: Number(end) });
  }
  return { ended, running };
}

const cases: readonly [name: string, steps: string, progress: string, expected: string][] = [
  ['the first begins', 'a; b: a', '', 'ready a'],
  ['all that wait for nothing begin at once', 'a; b; c: a', '', 'ready a b'],
  ['one that runs is not begun again', 'a; b', 'a', 'ready b'],
  ['one that waits for a running one waits', 'a; b: a', 'a', ''],
  ['success lets the next begin', 'a; b: a', 'a=ok', 'ready b'],
  ['it waits for all of them', 'a; b; c: a b', 'a=ok b', ''],
  ['a diamond joins', 'a; b: a; c: a; d: b c', 'a=ok b=ok c=ok', 'ready d'],
  ['a fork opens', 'a; b: a; c: a', 'a=ok', 'ready b c'],
  ['nothing is left', 'a; b: a', 'a=ok b=ok', ''],
  ['a failure stops the run', 'a; b: a', 'a=1', 'failed a'],
  ['a failure of a parallel step stops it, too', 'a; b; c: b', 'a=1 b', 'failed a'],
  ['a timeout is a failure', 'a; b: a', 'a=late', 'failed a'],
  ['ignored errors are a success', 'a; b: a', 'a=~3', 'ready b'],
  ['a failure with a handler stops nothing', 'a; b: a +3', 'a=3', 'ready b'],
  ['another exit code is not handled', 'a; b: a +3', 'a=4', 'failed a'],
  ['a timeout has no exit code to handle', 'a; b: a +3', 'a=late', 'failed a'],
  ['beside a handler others that wait are skipped', 'a; b: a; c: a +3', 'a=3', 'ready c skipped b'],
  ['what waits for the handler goes on', 'a; b: a +3; c: b', 'a=3 b=ok', 'ready c'],
  ['independent steps go on beside a handler', 'a; b; c: a +3; d: b', 'a=3 b=ok', 'ready c d'],
  ['a handler is skipped after success', 'a; b: a +3', 'a=ok', 'skipped b'],
  ['skipped steps skip those that wait for them', 'a; b: a +3; c: b; d: c', 'a=ok', 'skipped b c d'],
  ['skips do not touch others', 'a; b: a +3; c: a', 'a=ok', 'ready c skipped b'],
  ['exitedWith 0 runs after success', 'a; b: a +0', 'a=ok', 'ready b'],
  ['an ignored failure keeps its exit code', 'a; b: a +3; c: a -3', 'a=~3', 'ready b skipped c'],
  ['exitedWithout runs when the code is another', 'a; b: a -3', 'a=ok', 'ready b'],
  ['exitedWithout skips at once', 'a; b; c: a b -0', 'a=ok b', 'skipped c'],
  ['exitedWithout alone does not handle a failure', 'a; b: a -3', 'a=4', 'failed a'],
  ['exitedWithout does not run after a handled failure', 'a; b: a +4; c: a -3', 'a=4', 'ready b skipped c'],
  ['one of several codes is enough', 'a; b: a +3 +4', 'a=4', 'ready b'],
  ['exitedWith of one of several steps', 'a; b; c: a b +3', 'a=3 b=ok', 'ready c'],
  ['exitedWith waits for all of them', 'a; b; c: a b +3', 'a=3 b', ''],
  ['exitedWith of none of several steps', 'a; b; c: a b +3', 'a=ok b=ok', 'skipped c'],
  ['each failure has to be handled', 'a; b; c: a b +3', 'a=3 b=4', 'failed b'],
  ['a detached step has no exit code', 'a; b: a; c: a +0', 'a=up', 'ready b skipped c'],
  ['both conditions hold', 'a; b: a +3 -4', 'a=3', 'ready b'],
  ['both conditions, one broken', 'a; b; c: a b +3 -0', 'a=3 b=ok', 'skipped c'],
  ['skipped before it is skipped for others', 'a; b: a; c: b', 'a=ok b=skip', 'skipped c'],
  ['the handler ran: nothing is left', 'a; b: a +3', 'a=3 b=ok', ''],
  ['the handler itself failed', 'a; b: a +3', 'a=3 b=1', 'failed b'],
];

describe('what comes next in a task', () => {
  for (const [name, steps, progress, expected] of cases) {
    test(name, () => {
      const { ready, skipped, failed } = nextSteps(stepsOf(steps), progressOf(progress));
      const parts = [
        failed === undefined ? '' : `failed ${failed}`,
        ready.length > 0 ? `ready ${ready.map(({ id }) => id).join(' ')}` : '',
        skipped.length > 0 ? `skipped ${skipped.map(({ id }) => id).join(' ')}` : '',
      ];
      assert.equal(parts.filter((part) => part !== '').join(' '), expected);
    });
  }
});

describe('hasNeighbours', () => {
  const neighbours: readonly [name: string, steps: string, detached: string, expected: boolean][] = [
    ['alone', 'build', '', false],
    ['after all others', 'a; b: a; build: b', '', false],
    ['before all others', 'build; a: build; b: a', '', false],
    ['beside one', 'a; build', '', true],
    ['beside one that goes on', 'a; b: a; build: b', 'a', true],
    ['before one that goes on', 'build; a: build', 'a', false],
    ['two branches', 'a; b: a; build: a', '', true],
  ];
  for (const [name, text, detached, expected] of neighbours) {
    test(name, () => {
      const steps = stepsOf(text).map((step) => ({ ...step, isDetached: step.id === detached }));
      const build = steps.find(({ id }) => id === 'build');
      assert.ok(build);
      assert.equal(hasNeighbours(steps, build), expected);
    });
  }
});
