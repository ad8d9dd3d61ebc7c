import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  eventEndingIn,
  isFinal,
  logCompletion,
  runIdOf,
  runStatuses,
  transitionOf,
  type FinalRunStatus,
  type RunEvent,
  type RunStatus,
} from './index.ts';

const table: [event: RunEvent, to: RunStatus, from: RunStatus[]][] = [
  ['claim', 'Started', ['Queued']],
  ['start', 'Running', ['Started']],
  ['lose', 'Queued', ['Started', 'Running']],
  ['succeed', 'Succeeded', ['Started', 'Running']],
  ['fail', 'Failed', ['Started', 'Running']],
  ['cancel', 'Canceled', ['Queued', 'Started', 'Running']],
  ['timeout', 'Timeout', ['Started', 'Running']],
  ['error', 'Error', ['Queued', 'Started', 'Running']],
];
for (const [event, to, from] of table) {
  for (const status of runStatuses) {
    const isPossible = from.includes(status);
    test(`${event} ${isPossible ? `leads from ${status} to ${to}` : `does nothing to ${status}`}`, () => {
      const transition = transitionOf(event);
      assert.equal(transition.from.includes(status), isPossible);
      assert.equal(transition.to, to);
    });
  }
}

// The values that clients know (az lower-cases them); without one they go on reading.
const ends: [status: RunStatus, event: RunEvent | undefined, completion: string | undefined][] = [
  ['Queued', undefined, undefined],
  ['Started', undefined, undefined],
  ['Running', undefined, undefined],
  ['Succeeded', 'succeed', 'Successful'],
  ['Failed', 'fail', 'Failed'],
  ['Canceled', 'cancel', 'Canceled'],
  ['Error', 'error', 'InternalError'],
  ['Timeout', 'timeout', 'TimedOut'],
];
for (const [status, event, completion] of ends) {
  test(`${status} is ${event === undefined ? 'no end' : `the end that ${event} leads to`}`, () => {
    assert.equal(isFinal(status), event !== undefined);
    assert.equal(logCompletion(status), completion);
    if (event === undefined) return;
    assert.equal(eventEndingIn(status as FinalRunStatus), event); // the table says that it is final
    assert.equal(transitionOf(event).to, status);
  });
}

test('no event leads out of an end', () => {
  for (const status of runStatuses.filter(isFinal)) {
    assert.ok(table.every(([event]) => !transitionOf(event).from.includes(status)));
  }
});

test('run ids are two letters and a number', () => {
  assert.deepEqual([1, 2, 1000].map(runIdOf), ['ca1', 'ca2', 'ca1000']);
});
