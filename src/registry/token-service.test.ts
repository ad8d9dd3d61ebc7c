import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { decodeProtectedHeader, jwtVerify, UnsecuredJWT } from 'jose';
import { createRegistryTokenService, generateRegistryTokenKey, type RegistryTokenService } from './index.ts';

const now = new Date('2026-01-01T00:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const access = [{ type: 'repository', name: 'app', actions: ['pull'] }];
const scopes = [{ repository: 'app', actions: ['pull', 'push'] }];

async function makeService() {
  const key = await generateRegistryTokenKey();
  return { key, service: createRegistryTokenService({ issuer: 'slipway', ...key }) };
}

function credentialOf(service: RegistryTokenService, registryName = 'r1'): Promise<string> {
  return service.issueRegistryCredential({ registryName, subject: 'ca1', scopes, ttlSeconds: 600 }, now);
}

test('a registry token is what distribution accepts', async () => {
  const { key, service } = await makeService();
  const token = await service.issueRegistryToken(
    { service: 'localhost:5001', subject: 'me', access, ttlSeconds: 60 },
    now,
  );
  // As distribution does it: the certificate in the header must be the one of its bundle.
  const { x5c: [der = ''] = [] } = decodeProtectedHeader(token);
  const certificate = new X509Certificate(Buffer.from(der, 'base64'));
  assert.equal(certificate.fingerprint256, new X509Certificate(key.certificatePem).fingerprint256);
  assert.ok(certificate.checkIssued(certificate));
  const { payload } = await jwtVerify(token, certificate.publicKey, {
    issuer: 'slipway',
    audience: 'localhost:5001',
    currentDate: now,
  });
  assert.deepEqual(payload.access, access);
  assert.equal(payload.sub, 'me');
  assert.equal(payload.exp, now.getTime() / 1000 + 60);
  assert.ok(payload.nbf !== undefined && payload.nbf < now.getTime() / 1000, 'clocks may differ a little');
});

test('two tokens for the same are not the same', async () => {
  const { service } = await makeService();
  const request = { service: 's', subject: 'me', access, ttlSeconds: 60 };
  assert.notEqual(
    await service.issueRegistryToken(request, now),
    await service.issueRegistryToken(request, now),
  );
});

test('a credential says who its bearer is and what they may do, until it expires', async () => {
  const { service } = await makeService();
  const credential = await credentialOf(service);
  const expected = { subject: 'ca1', scopes };
  assert.deepEqual(await service.verifyRegistryCredential(credential, 'r1', now), expected);
  assert.deepEqual(await service.verifyRegistryCredential(credential, 'R1', after(599)), expected);
  assert.equal(await service.verifyRegistryCredential(credential, 'r1', after(601)), undefined);
});

test('what is no credential of this registry is none', async () => {
  const [{ service }, { service: foreign }] = [await makeService(), await makeService()];
  const credential = await credentialOf(service);
  const [header, , signature] = credential.split('.');
  const claims = {
    scopes: [{ repository: '*', actions: ['*'] }],
    iss: 'slipway',
    aud: 'slipway-registry:r1',
    exp: now.getTime() / 1000 + 600,
  };
  const forgeries: [name: string, text: string][] = [
    ['another registry', await credentialOf(service, 'r2')],
    ['another server', await credentialOf(foreign)],
    [
      'a token of distribution',
      await service.issueRegistryToken(
        { service: 'localhost:5001', subject: 'me', access, ttlSeconds: 60 },
        now,
      ),
    ],
    ['more rights', `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`],
    ['alg none', new UnsecuredJWT(claims).encode()],
    ['nothing', ''],
    ['some password', 'swordfish'],
  ];
  for (const [name, text] of forgeries) {
    assert.equal(await service.verifyRegistryCredential(text, 'r1', now), undefined, name);
  }
});
