import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastOccurrence, nextOccurrence } from './occurrences.ts';

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
