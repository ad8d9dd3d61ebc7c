import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../model/index.ts';
import { createMasker, loginSecrets } from './index.ts';

/** The masked text of chunks that arrive one after the other. */
function masked(secrets: readonly string[], chunks: readonly (string | Buffer)[]): string {
  const masker = createMasker(secrets.map((secret) => new Secret(secret)));
  const shown = chunks.map((chunk) => masker.write(Buffer.from(chunk)));
  return Buffer.concat([...shown, masker.flush()]).toString();
}

const secret = 'p@ss w0rd/+?';
const base64 = Buffer.from(secret).toString('base64');
const multiline = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n  kqhkiG9w0B\n-----END KEY-----\n';

const cases: [name: string, secrets: string[], output: string, expected: string][] = [
  ['no secrets', [], 'nothing to hide', 'nothing to hide'],
  ['a text without the secret', [secret], 'p@ss w0r and w0rd', 'p@ss w0r and w0rd'],
  ['the secret', [secret], `a ${secret} b`, 'a *** b'],
  ['nothing but the secret', [secret], secret, '***'],
  ['twice', [secret], `${secret}${secret}`, '******'],
  ['in base64', [secret], `auth: ${base64}`, 'auth: ***'],
  [
    'in base64 without padding',
    ['abcd'],
    `x ${Buffer.from('abcd').toString('base64').replace(/=/g, '')}!`,
    'x ***!',
  ],
  ['in a URL', [secret], `https://u:${encodeURIComponent(secret)}@h/`, 'https://u:***@h/'],
  ['a text of several bytes a letter', ['pässwörd'], 'is pässwörd.', 'is ***.'],
  ['each line of a secret of several', [multiline], 'x kqhkiG9w0B y\r\nMIIEvQIBADANBg', 'x *** y\r\n***'],
  ['all of a secret of several lines', [multiline], `[${multiline}]`, '[***]'],
  [
    'its lines with other line ends',
    [multiline],
    multiline.replaceAll('\n', '\r\n'),
    '***\r\n***\r\n  ***\r\n***\r\n',
  ],
  ['three characters are no secret', ['abc'], 'abc abcd', 'abc abcd'],
  ['four are one', ['abcd'], 'abc abcd', 'abc ***'],
  ['a short line of a long secret', ['ab\nlong enough'], 'ab long enough', 'ab ***'],
  ['an empty secret', [''], 'as it is', 'as it is'],
  ['the longer of two that begin alike', ['token', 'token-long'], 'token-long token', '*** ***'],
  ['a secret inside another', ['inner', 'outer-inner-outer'], 'outer-inner-outer, inner', '***, ***'],
  ['two that overlap', ['abcdef', 'defghi'], 'xabcdefghiy', 'x***y'],
  ['three that overlap', ['abcdef', 'defghi', 'ghijkl'], 'xabcdefghijkly', 'x***y'],
  ['a secret that overlaps itself', ['abab'], 'xabababy', 'x***y'],
  ['after a false start', ['aab1'], 'aaab1', 'a***'],
  ['a pattern of a regular expression', ['a.*b$'], 'axxb a.*b$', 'axxb ***'],
];
for (const [name, secrets, output, expected] of cases) {
  test(`masked: ${name}`, () => assert.equal(masked(secrets, [output]), expected));

  test(`masked, cut at every byte: ${name}`, () => {
    const bytes = Buffer.from(output);
    for (let at = 0; at <= bytes.length; at += 1) {
      assert.equal(masked(secrets, [bytes.subarray(0, at), bytes.subarray(at)]), expected, `cut at ${at}`);
    }
    const single = [...bytes].map((byte) => Buffer.from([byte]));
    assert.equal(masked(secrets, single), expected, 'byte by byte');
  });
}

test('what cannot be a secret is shown at once, and what may be one is not', () => {
  const masker = createMasker([new Secret('swordfish')]);
  assert.equal(masker.write(Buffer.from('hello sword')).toString(), 'hello ');
  assert.equal(masker.write(Buffer.from('play swordf')).toString(), 'swordplay ');
  assert.equal(masker.write(Buffer.from('ish')).toString(), '***');
  assert.equal(masker.write(Buffer.from(' sw')).toString(), ' ');
  assert.equal(masker.flush().toString(), 'sw');
});

test('bytes that are no text pass unharmed', () => {
  const bytes = Buffer.from([...Array(256).keys()]);
  const masker = createMasker([new Secret('swordfish')]);
  assert.deepEqual(Buffer.concat([masker.write(bytes), masker.flush()]), bytes);
});

test('secrets that turn up later are masked from then on, with what is held back', () => {
  const masker = createMasker([new Secret('swordfish')]);
  assert.equal(masker.write(Buffer.from('later sword')).toString(), 'later ');
  masker.add([new Secret('later'), new Secret('swordplay')]);
  assert.equal(masker.write(Buffer.from('play, swordfish, la')).toString(), '***, ***, ');
  masker.add([new Secret('unrelated')]);
  assert.equal(masker.write(Buffer.from('ter unrel')).toString(), '*** ');
  assert.equal(masker.flush().toString(), 'unrel');
});

test('a masker that began without secrets takes some', () => {
  const masker = createMasker([]);
  assert.equal(masker.write(Buffer.from('swordfish sword')).toString(), 'swordfish sword');
  masker.add([new Secret('swordfish')]);
  assert.equal(masker.write(Buffer.from('fish swordfish')).toString(), 'fish ***');
});

test('what is masked already stays one mask when another secret turns up', () => {
  const masker = createMasker([new Secret('abcdef'), new Secret('defghi')]);
  assert.equal(masker.write(Buffer.from('xabcdef')).toString(), 'x***');
  masker.add([new Secret('abcdefgh')]);
  assert.equal(masker.write(Buffer.from('ghiy')).toString(), 'y');
});

test('a login is masked as its password and as Docker keeps it', () => {
  const [username, password] = ['me', 'pa:ss/w+rd'];
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const masker = createMasker(loginSecrets(username, password));
  const shown = masker.write(Buffer.from(`me ${password} {"auth":"${auth}"} Basic ${auth}.`));
  assert.equal(shown.toString(), 'me *** {"auth":"***"} Basic ***.');
  assert.deepEqual(loginSecrets('me', ''), []);
});
