import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashClientSecret, newClientSecret, verifyClientSecret } from './index.ts';

test('a secret is long and no two are alike; az takes it for no option', () => {
  const secrets = new Set(Array.from({ length: 100 }, newClientSecret));
  assert.equal(secrets.size, 100);
  for (const secret of secrets) assert.match(secret, /^[0-9a-f]{64}$/);
});

test('a hash does not hold its secret, and the same secret never has the same hash', () => {
  const [one, other] = [hashClientSecret('swordfish'), hashClientSecret('swordfish')];
  assert.notEqual(one, other);
  assert.doesNotMatch(one, /swordfish/);
  for (const hash of [one, other]) assert.ok(verifyClientSecret('swordfish', hash));
});

const hash = hashClientSecret('swordfish');
const wrong: [name: string, secret: string, hash: string][] = [
  ['another secret', 'swordfisH', hash],
  ['its beginning', 'swordfis', hash],
  ['no secret', '', hash],
  ['the hash itself', hash, hash],
  ['no hash', 'swordfish', ''],
  ['a hash cut short', 'swordfish', hash.slice(0, -1)],
  ['a hash under another salt', 'swordfish', hash.replace(/:[^:]+:/, ':other:')],
  ['a hash of another version', 'swordfish', hash.replace('v1', 'v2')],
];
for (const [name, secret, kept] of wrong) {
  test(`${name} does not fit`, () => assert.equal(verifyClientSecret(secret, kept), false));
}
