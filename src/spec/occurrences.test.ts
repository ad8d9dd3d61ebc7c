import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueOccurrence, lastOccurrence, nextOccurrence } from './occurrences.ts';

const cases: readonly [schedule: string, from: string, until: string, at: string, count: number][] = [
  ['0 * * * *', '2026-01-01T05:00', '2026-01-01T05:00', '2026-01-01T05:00', 1],
  ['0 * * * *', '2026-01-01T05:00', '2026-01-01T07:59', '2026-01-01T07:00', 3],
  ['0 * * * *', '2026-01-01T05:00', '2026-01-01T07:00', '2026-01-01T07:00', 3],
  // the clock was put back after it had been due
  ['0 * * * *', '2026-01-01T05:00', '2026-01-01T04:00', '2026-01-01T05:00', 1],
  // a year without a server; the night in which other clocks change is as long as any
  ['* * * * *', '2025-01-01T00:00', '2026-01-01T00:00', '2026-01-01T00:00', 1000],
  ['30 2 * * *', '2026-03-28T02:30', '2026-03-30T02:31', '2026-03-30T02:30', 3],
  ['0 0 29 2 *', '2024-02-29T00:00', '2032-01-01T00:00', '2028-02-29T00:00', 2],
  // Fridays the 13th
  ['0 0 13 * 5', '2026-02-13T00:00', '2026-12-31T00:00', '2026-11-13T00:00', 3],
];
for (const [schedule, from, until, at, count] of cases) {
  test(`${schedule} came ${count} times from ${from} to ${until}`, () => {
    const last = lastOccurrence(schedule, new Date(`${from}Z`), new Date(`${until}Z`));
    assert.deepEqual(last, { at: new Date(`${at}Z`), count });
  });
}

test('a century may have no leap day', () => {
  assert.deepEqual(nextOccurrence('0 0 29 2 *', new Date('2096-03-01Z')), new Date('2104-02-29Z'));
  assert.equal(nextOccurrence('0 0 30 2 *', new Date()), undefined);
});

const nexts: readonly [schedule: string, from: string, next: string][] = [
  // as the service reads it: the day and the weekday must both be right
  ['0 4 1-7 * 1', '2026-01-01T00:00', '2026-01-05T04:00'],
  ['0 4 1-7 * Monday', '2026-01-05T04:00', '2026-02-02T04:00'],
  ['30 9 * Jan Mon', '2026-01-27T00:00', '2027-01-04T09:30'],
  ['* * 13 * fri', '2026-02-13T23:59', '2026-03-13T00:00'],
  ['0 0 29 2 1', '2026-01-01T00:00', '2044-02-29T00:00'],
  ['0 0 * * 7', '2026-01-01T00:00', '2026-01-04T00:00'],
  ['0 0 * * 5-7', '2026-01-03T00:00', '2026-01-04T00:00'],
  ['0 0 * * 0,sat', '2026-01-04T00:00', '2026-01-10T00:00'],
  ['5/10 * * * *', '2026-01-01T00:55', '2026-01-01T01:05'],
  ['0-30/10 * * * *', '2026-01-01T00:30', '2026-01-01T01:00'],
  ['*/45 * * * *', '2026-01-01T00:45', '2026-01-01T01:00'],
];
for (const [schedule, from, next] of nexts) {
  test(`${schedule} comes after ${from} at ${next}`, () => {
    assert.deepEqual(nextOccurrence(schedule, new Date(`${from}Z`)), new Date(`${next}Z`));
  });
}

const dues: readonly [
  what: string,
  next: string,
  last: string | undefined,
  at: string | undefined,
  count: number,
][] = [
  ['the next', '05:00', undefined, '07:00', 3],
  ['only what is after the last', '02:00', '06:00', '07:00', 1],
  ['nothing that has been', '02:00', '07:00', undefined, 0],
  ['nothing yet', '08:00', '07:00', undefined, 0],
];
for (const [what, next, last, at, count] of dues) {
  test(`due is ${what}`, () => {
    const timeOf = (text: string): Date => new Date(`2026-01-01T${text}Z`);
    const found = dueOccurrence('0 * * * *', {
      next: timeOf(next),
      last: last === undefined ? undefined : timeOf(last),
      now: timeOf('07:30'),
    });
    assert.deepEqual(found, at === undefined ? undefined : { at: timeOf(at), count });
  });
}
