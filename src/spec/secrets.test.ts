import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../model/index.ts';
import { hideSecrets, mapSecrets, revealSecrets } from './secrets.ts';

const at = new Date(0);
const value = {
  at,
  none: null,
  arguments: [
    { name: 'A', value: new Secret('hunter2'), isSecret: true },
    { name: 'B', value: 'plain', isSecret: false },
  ],
  auth: { tokenType: 'PAT', token: new Secret('hunter3'), expiresIn: 5 },
};

test('hideSecrets leaves secrets out and keeps their neighbours', () => {
  assert.deepEqual(hideSecrets(value), {
    at,
    none: null,
    arguments: [
      { name: 'A', isSecret: true },
      { name: 'B', value: 'plain', isSecret: false },
    ],
    auth: { tokenType: 'PAT', expiresIn: 5 },
  });
});

test('revealSecrets gives secrets as texts', () => {
  assert.deepEqual(revealSecrets(value), {
    at,
    none: null,
    arguments: [
      { name: 'A', value: 'hunter2', isSecret: true },
      { name: 'B', value: 'plain', isSecret: false },
    ],
    auth: { tokenType: 'PAT', token: 'hunter3', expiresIn: 5 },
  });
});

test('both leave the value as it is', () => {
  hideSecrets(value);
  revealSecrets(value);
  assert.ok(value.auth.token instanceof Secret);
  assert.equal(value.arguments.length, 2);
});

test('mapSecrets puts what it is told in the place of each', () => {
  const sealed = mapSecrets(value, (secret) => ({ sealed: secret.reveal().length }));
  assert.deepEqual((sealed as typeof value).auth, { tokenType: 'PAT', token: { sealed: 7 }, expiresIn: 5 });
  assert.equal((sealed as typeof value).at, at);
});
