import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, decodeJwt, jwtVerify, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { ServiceError } from '../model/index.ts';
import {
  createTokenIssuer,
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  parseBearer,
} from './index.ts';

const [key, oldKey, foreignKey] = await Promise.all([
  generateSigningKey(),
  generateSigningKey(),
  generateSigningKey(),
]);
const server = {
  issuer: 'https://localhost:8443/adfs',
  tenantId: '33333333-3333-3333-3333-333333333333',
  audience: 'https://localhost:8443/arm',
  keys: [key, oldKey] as const,
};
const issuer = createTokenIssuer(server);
const principal = { objectId: 'oid-1', clientId: 'client-1', displayName: 'Builder' };
const now = new Date('2026-01-01T00:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const { accessToken } = await issuer.issueAccessToken(principal, now);

test('a token says who its bearer is', async () => {
  assert.deepEqual(await issuer.verifyAccessToken(accessToken, now), principal);
  const { expiresInSeconds } = await issuer.issueAccessToken(principal, now);
  assert.equal(expiresInSeconds, 3600);
});

test('anybody can check it with the published keys, which hold nothing private', async () => {
  const { payload } = await jwtVerify(accessToken, createLocalJWKSet(issuer.jwks()), { currentDate: now });
  assert.equal(payload.tid, server.tenantId);
  assert.equal(payload.aud, server.audience);
  assert.equal(issuer.jwks().keys.length, 2);
  for (const jwk of issuer.jwks().keys) assert.ok(!('d' in jwk) && !('p' in jwk));
});

test('a token of the key before is good as well', async () => {
  const before = createTokenIssuer({ ...server, keys: [oldKey] });
  const { accessToken: old } = await before.issueAccessToken(principal, now);
  assert.deepEqual(await issuer.verifyAccessToken(old, now), principal);
});

test('a key that was kept signs as before', async () => {
  const kept = createTokenIssuer({ ...server, keys: [await importSigningKey(exportSigningKey(key))] });
  assert.deepEqual(await kept.verifyAccessToken(accessToken, now), principal);
});

for (const [seconds, isGood] of [
  [-200, true],
  [-400, false],
  [3599, true],
  [3604, true],
  [3606, false],
  [86_400, false],
] as const) {
  test(`${seconds} seconds after its issue a token is ${isGood ? 'good' : 'refused'}`, async () => {
    const verified = issuer.verifyAccessToken(accessToken, after(seconds));
    if (isGood) return void assert.deepEqual(await verified, principal);
    const code = seconds > 0 ? 'ExpiredAuthenticationToken' : 'InvalidAuthenticationToken';
    await assert.rejects(verified, refusal(code));
  });
}

function refusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ServiceError && error.statusCode === 401 && error.code === code;
}

const claims = decodeJwt(accessToken);
const [header = '', body = '', signature = ''] = accessToken.split('.');

/** A token of the server's own key whose claims are others. */
function signed(change: JWTPayload, { by = key, kid = key.keyId, alg = 'RS256' } = {}): Promise<string> {
  const kept = Object.entries({ ...claims, ...change }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(kept)).setProtectedHeader({ alg, kid }).sign(by.privateKey);
}

const publicKeyAsSecret = Buffer.from(key.publicKey.export({ type: 'spki', format: 'pem' }));
const forged: [name: string, token: string][] = [
  ['nothing', ''],
  ['no token', 'abc'],
  ['another audience', await signed({ aud: 'https://localhost:8443/other' })],
  ['another issuer', await signed({ iss: 'https://elsewhere/adfs' })],
  ['another tenant', await signed({ tid: '44444444-4444-4444-4444-444444444444' })],
  ['no object id', await signed({ oid: undefined })],
  ['no client id', await signed({ appid: undefined })],
  ['a foreign key', await signed({}, { by: foreignKey, kid: foreignKey.keyId })],
  ['a foreign key under our key id', await signed({}, { by: foreignKey })],
  ['our other key under the wrong id', await signed({}, { by: oldKey })],
  ['another algorithm', await signed({}, { alg: 'RS512' })],
  ['alg none', new UnsecuredJWT(claims).encode()],
  ['alg none with our signature', `${new UnsecuredJWT(claims).encode()}${signature}`],
  [
    'our public key as an HMAC secret',
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: key.keyId }).sign(publicKeyAsSecret),
  ],
  [
    'other claims under the signature',
    `${header}.${Buffer.from(JSON.stringify({ ...claims, oid: 'admin' })).toString('base64url')}.${signature}`,
  ],
  ['no signature', `${header}.${body}.`],
];
for (const [name, token] of forged) {
  test(`a token with ${name} is refused`, async () => {
    await assert.rejects(issuer.verifyAccessToken(token, now), refusal('InvalidAuthenticationToken'));
  });
}

test('the token of an Authorization header', () => {
  for (const header of ['Bearer a.b.c', 'bearer a.b.c', 'BEARER   a.b.c ']) {
    assert.equal(parseBearer(header), 'a.b.c');
  }
  for (const header of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic a.b.c',
    'a.b.c',
    'Bearer a b',
    'xBearer a',
  ]) {
    assert.throws(() => parseBearer(header), refusal('AuthenticationFailed'));
  }
});
