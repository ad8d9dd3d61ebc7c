import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createForgeries } from './forgeries.ts';

test('forged requests of one sender are limited for a minute, and nobody else’s', () => {
  let time = 0;
  const forgeries = createForgeries(() => new Date(time));
  for (let count = 0; count < 60; count += 1) {
    assert.equal(forgeries.secondsLeft('forger'), 0);
    forgeries.count('forger');
  }
  time = 30_500;
  assert.equal(forgeries.secondsLeft('forger'), 30);
  assert.equal(forgeries.secondsLeft('other'), 0);
  time = 60_000;
  assert.equal(forgeries.secondsLeft('forger'), 0);
  forgeries.count('forger');
  assert.equal(forgeries.secondsLeft('forger'), 0);
});

test('however many senders there are, the memory has a bound', () => {
  const forgeries = createForgeries(() => new Date(0));
  for (let sender = 0; sender < 12_000; sender += 1) forgeries.count(`${sender}`);
  assert.equal(forgeries.size, 10_000);
});
