import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { openSealer } from './index.ts';

const key = randomBytes(32);
const sealer = openSealer(key);
const sealed = sealer.seal('top secret', 'registry/1');
const raw = Buffer.from(sealed.slice(3), 'base64url');

for (const plain of ['top secret', '', 'zwölf\n☃', 'x'.repeat(100_000)]) {
  test(`${JSON.stringify(plain.slice(0, 20))} comes back under its context`, () => {
    assert.equal(sealer.open(sealer.seal(plain, 'registry/1'), 'registry/1').reveal(), plain);
  });
}

test('a sealed text shows nothing of the plain one, nor that two are alike', () => {
  assert.doesNotMatch(sealed, /top secret/);
  assert.doesNotMatch(raw.toString('latin1'), /top secret/);
  assert.notEqual(sealer.seal('top secret', 'registry/1'), sealed);
});

test('what was opened does not print', () => {
  assert.equal(inspect(sealer.open(sealed, 'registry/1')), '***');
});

test('another server with the same key opens it', () => {
  assert.equal(openSealer(Buffer.from(key)).open(sealed, 'registry/1').reveal(), 'top secret');
});

/** The sealed text with some of its bytes changed. */
function altered(change: (bytes: Buffer) => Buffer): string {
  return `v1:${change(Buffer.from(raw)).toString('base64url')}`;
}
function flipped(at: number): string {
  return altered((bytes) => {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  });
}

const refused: [name: string, text: string, context?: string, by?: ReturnType<typeof openSealer>][] = [
  ['under another context', sealed, 'registry/2'],
  ['under no context', sealed, ''],
  ['under another key', sealed, 'registry/1', openSealer(randomBytes(32))],
  ['with another nonce', flipped(0)],
  ['with another tag', flipped(12)],
  ['with other content', flipped(raw.length - 1)],
  ['with more content', altered((bytes) => Buffer.concat([bytes, Buffer.from('x')]))],
  ['with less content', altered((bytes) => bytes.subarray(0, -1))],
  // Node takes GCM tags of 4 bytes as well, which can be guessed.
  ['cut down to four bytes of its tag', altered((bytes) => bytes.subarray(0, 16))],
  ['cut down to its nonce', altered((bytes) => bytes.subarray(0, 12))],
  ['of nothing', 'v1:'],
  ['of another version', sealed.replace('v1:', 'v2:')],
  ['that was never sealed', 'top secret'],
];
for (const [name, text, context = 'registry/1', by = sealer] of refused) {
  test(`a text ${name} does not open`, () => assert.throws(() => by.open(text, context), Error));
}

test('an empty text with a shortened tag does not open', () => {
  const empty = Buffer.from(sealer.seal('', 'c').slice(3), 'base64url');
  assert.throws(() => sealer.open(`v1:${empty.subarray(0, 16).toString('base64url')}`, 'c'), Error);
});
