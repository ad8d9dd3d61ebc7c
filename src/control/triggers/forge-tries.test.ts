import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../model/index.ts';
import { nextForgeTry } from './forge-tries.ts';

const cases: readonly [what: string, error: unknown, howLong: 'minutes' | 'a day'][] = [
  ['refuses', new ServiceError(403, 'ForgeRefused', ''), 'minutes'],
  ['is down', new ServiceError(503, 'ForgeUnreachable', ''), 'a day'],
  ['is busy', new ServiceError(429, 'ForgeRefused', ''), 'a day'],
  ['is misunderstood', new TypeError(), 'minutes'],
];
for (const [what, error, howLong] of cases) {
  test(`a provider that ${what} is asked for ${howLong}`, () => {
    let now = new Date(0);
    for (let tries = 1; ; tries += 1) {
      const next = nextForgeTry(error, tries, now);
      if (!next) break;
      assert.ok(next > now);
      now = next;
    }
    assert.equal(Math.round(now.getTime() / 3_600_000), howLong === 'a day' ? 24 : 0);
  });
}
