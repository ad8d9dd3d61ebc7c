import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { Secret } from './index.ts';

test('a secret does not print, however it is printed', () => {
  const secret = new Secret('swordfish');
  const holder = { name: 'A', value: secret };
  const printed = [
    `${secret.toString()}`,
    JSON.stringify(holder),
    inspect(holder, { depth: 9, showHidden: true }),
    format('%s %o %j', secret, secret, secret),
    Object.values(secret).join(),
    new Error(String(secret)).message,
  ];
  for (const text of printed) assert.doesNotMatch(text, /swordfish/);
  assert.equal(JSON.stringify(holder), '{"name":"A","value":"***"}');
  assert.equal(secret.reveal(), 'swordfish');
});
