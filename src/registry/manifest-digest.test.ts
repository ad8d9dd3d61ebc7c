import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { alice, startForeignRegistry, type ForeignRegistry } from '../../test/support/foreign-registry.ts';
import { registryBearer } from './registry-bearer.ts';
import { readManifestDigest, RegistryBusy, RegistryDenied, RegistryUnreachable } from './index.ts';

const now = new Date('2026-03-01T12:00:00Z');

const read = (
  { host }: ForeignRegistry,
  { login, tag = 'v1', timeoutMs = 10_000 }: { login?: typeof alice; tag?: string; timeoutMs?: number } = {},
) =>
  readManifestDigest({
    image: { registry: host, repository: 'team/base', tag },
    login,
    now,
    signal: AbortSignal.timeout(timeoutMs),
  });

const wrong = { username: 'alice', password: 'guess' } as unknown as typeof alice; // a wrong one

for (const [kind, login, refused] of [
  ['None', undefined, undefined],
  ['Anonymous', undefined, undefined],
  ['Basic', alice, /does not give team\/base to this login/],
  ['Bearer', alice, /does not take the login for 127/],
] as const)
  test(`a tag is looked up with HEADs only where the login is ${kind}`, async () => {
    const registry = await startForeignRegistry(kind);
    try {
      const digest = await registry.push('team/base:v1', 'one');
      assert.equal(await read(registry, login && { login }), digest);
      assert.equal(await read(registry, { ...(login && { login }), tag: 'absent' }), undefined);
      assert.ok(registry.seen.every(({ method }) => method === 'HEAD'));
      if (!refused) return;
      const denied = (message: RegExp) => (error: unknown) =>
        error instanceof RegistryDenied && message.test(error.message);
      await assert.rejects(read(registry), denied(/asks for a login/));
      await assert.rejects(read(registry, { login: wrong }), denied(refused));
    } finally {
      await registry.stop();
    }
  });

test('a tag of several platforms means their index', async () => {
  const registry = await startForeignRegistry();
  try {
    const digest = await registry.push('team/base:amd64', 'one');
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const manifest = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
      size: 1,
      platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1' },
    };
    const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [manifest] });
    const pushed = await fetch(`http://${registry.host}/v2/team/base/manifests/v1`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: index,
    });
    assert.equal(pushed.status, 201, await pushed.text());
    const expected = `sha256:${createHash('sha256').update(index).digest('hex')}`;
    assert.equal(await read(registry), expected);
    // Deleted, it means nothing, until it is back.
    await registry.deleteManifest('team/base', expected);
    assert.equal(await read(registry), undefined);
    assert.equal(await registry.push('team/base:v1', 'two'), await read(registry));
  } finally {
    await registry.stop();
  }
});

test('a registry in trouble is known, with the time that it wants', async () => {
  const registry = await startForeignRegistry();
  const busyUntil = async (headers: Record<string, string>, status = 429): Promise<string | undefined> => {
    registry.instead = () => ({ status, headers });
    const error: unknown = await read(registry).catch((each: unknown) => each);
    assert.ok(error instanceof RegistryBusy, String(error));
    return error.until?.toISOString().slice(11, 19);
  };
  try {
    assert.equal(await busyUntil({ 'retry-after': '90' }), '12:01:30');
    assert.equal(await busyUntil({ 'retry-after': '90' }, 503), '12:01:30');
    assert.equal(await busyUntil({ 'retry-after': 'Sun, 01 Mar 2026 12:05:00 GMT' }), '12:05:00');
    assert.equal(await busyUntil({ 'retry-after': 'Sun, 01 Mar 2020 12:05:00 GMT' }), '12:00:01');
    assert.equal(await busyUntil({ 'retry-after': '999999999' }), '18:00:00');
    assert.equal(await busyUntil({ 'ratelimit-remaining': '0;w=3600' }), '13:00:00');
    assert.equal(await busyUntil({ 'retry-after': 'soon' }), undefined);
    assert.equal(await busyUntil({}), undefined);
    registry.instead = () => ({ status: 502 });
    await assert.rejects(read(registry), RegistryUnreachable);
    registry.instead = () => 'silence';
    await assert.rejects(read(registry, { timeoutMs: 100 }), /did not answer in time/);
  } finally {
    await registry.stop();
  }
  await assert.rejects(read(registry), RegistryUnreachable);
});

test('a redirect is followed without the login', async () => {
  const [first, second] = [await startForeignRegistry(), await startForeignRegistry()];
  try {
    const digest = await second.push('team/base:v1', 'elsewhere');
    first.instead = ({ path, authorization }) =>
      authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Basic realm="first"' } }
        : { status: 307, headers: { location: `http://${second.host}${path}` } };
    assert.equal(await read(first, { login: alice }), digest);
    assert.deepEqual(
      second.seen.map(({ authorization }) => authorization),
      [undefined],
    );
    second.instead = () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="second"' } });
    await assert.rejects(read(first, { login: alice }), /leads to 127\S+, which asks for a login/);
    assert.ok(second.seen.every(({ authorization }) => authorization === undefined));
    first.instead = ({ path }) => ({ status: 307, headers: { location: path } });
    await assert.rejects(read(first), /from one address to the next/);
    first.instead = () => ({ status: 307, headers: { location: 'http://example.org/v2/' } });
    await assert.rejects(read(first), /no https URL/);
  } finally {
    await first.stop();
    await second.stop();
  }
});

for (const [host, realm, message] of [
  ['ghcr.io', 'https://evil.example/token', /no login is sent to evil\.example/],
  ['ghcr.io', 'https://ghcr.io.evil.example/token', /no login is sent/],
  ['ghcr.io', 'https://notghcr.io/token', /no login is sent/],
  ['10.0.0.1:5000', 'https://10.0.0.2/token', /no login is sent/],
  ['ghcr.io', 'http://ghcr.io/token', /not reached by https/],
  ['localhost:5000', 'http://example.org/token', /not reached by https/],
  ['ghcr.io', 'file:///etc/passwd', /not reached by https/],
  ['ghcr.io', 'nonsense', /not understood/],
] as const)
  test(`the login for ${host} does not go to ${realm}`, async () => {
    const refused = registryBearer(`Bearer realm="${realm}",service="x"`, {
      host,
      repository: 'team/base',
      login: alice,
      now,
      signal: AbortSignal.abort(), // nothing is sent anyway
      dispatcher: undefined,
    });
    await assert.rejects(refused, (error) => error instanceof RegistryDenied && message.test(error.message));
  });

for (const [host, realm] of [
  ['registry-1.docker.io', 'https://auth.docker.io/token'],
  ['registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
  ['harbor.example.org:8443', 'https://harbor.example.org/service/token'],
  ['10.0.0.1:5000', 'https://10.0.0.1:5001/token'],
  ['localhost:5000', 'http://127.0.0.1:5001/token'],
] as const)
  test(`the login for ${host} goes to ${realm}`, async () => {
    const sent = registryBearer(`Bearer realm="${realm}",service="x"`, {
      host,
      repository: 'team/base',
      login: alice,
      now,
      signal: AbortSignal.abort(),
      dispatcher: undefined,
    });
    await assert.rejects(sent, (error) => error instanceof RegistryUnreachable);
  });
