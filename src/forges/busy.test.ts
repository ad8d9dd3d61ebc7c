import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restAsked } from './busy.ts';

const now = new Date('2026-01-01T00:00:00Z');
const reset = String(now.getTime() / 1000 + 90);

const cases: readonly [
  what: string,
  status: number,
  headers: Record<string, string>,
  rest: { seconds: number | undefined } | undefined,
][] = [
  ['a refusal', 403, {}, undefined],
  [
    'a refusal with tries left',
    403,
    { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': reset },
    undefined,
  ],
  ['a limit of GitHub', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, { seconds: 90 }],
  ['a secondary limit of GitHub', 403, { 'retry-after': '60' }, { seconds: 60 }],
  ['a limit of GitLab', 429, { 'ratelimit-remaining': '0', 'ratelimit-reset': reset }, { seconds: 90 }],
  ['a limit without a word', 429, {}, { seconds: undefined }],
  ['a date', 429, { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, { seconds: 120 }],
  ['a time that is past', 429, { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, { seconds: 1 }],
  ['a very long time', 429, { 'retry-after': '99999999' }, { seconds: 21_600 }],
  ['no time at all', 429, { 'retry-after': 'soon' }, { seconds: undefined }],
  ['maintenance', 503, { 'retry-after': '300' }, { seconds: 300 }],
  ['a fault', 503, {}, undefined],
];
for (const [what, status, headers, rest] of cases) {
  test(`${what} is ${rest ? `a rest of ${rest.seconds} seconds` : 'no limit'}`, () => {
    assert.deepEqual(restAsked(status, new Headers(headers), now), rest);
  });
}
