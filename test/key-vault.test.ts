import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ServiceError } from '../src/model/index.ts';
import {
  createAsk,
  createKeyVault,
  loadIdentities,
  parseSecretUrl,
  type KeyVault,
} from '../src/secrets/index.ts';
import { TestCloud } from './support/key-vault.ts';
import { stopAll } from './support/stop-all.ts';

const asker = { registryName: 'slipway' };

describe('the URL of a secret', () => {
  const version = '0123456789abcdef0123456789abcdef';
  for (const [text, vault, suffix, name, found] of [
    ['https://v1.vault.azure.net/secrets/a-B1', 'v1', '.vault.azure.net', 'a-B1', undefined],
    ['HTTPS://V1.Vault.Azure.NET/secrets/a/', 'v1', '.vault.azure.net', 'a', undefined],
    [`https://v.vault.azure.cn/secrets/a/${version}`, 'v', '.vault.azure.cn', 'a', version],
    ['https://v.vault.localhost:8443/secrets/a', 'v', '.vault.localhost:8443', 'a', undefined],
    ['https://v.vault.azure.net:443/secrets/a', 'v', '.vault.azure.net', 'a', undefined],
  ] as const) {
    test(`${text} is read`, () =>
      assert.deepEqual(parseSecretUrl(text), { vault, suffix, name, version: found }));
  }
  for (const text of [
    ...['', 'password', 'http://v.vault.azure.net/secrets/a', 'ftp://v.vault.azure.net/secrets/a'],
    ...['https://u:p@v.vault.azure.net/secrets/a', 'https://v.vault.azure.net@evil.com/secrets/a'],
    ...['https://evil.com#.vault.azure.net/secrets/a', 'https://evil.com\\.vault.azure.net/secrets/a'],
    ...['https://v.vault.azure.net/secrets/a?x=1', 'https://v.vault.azure.net/secrets/a#x'],
    ...['https://v.vault.azure.net/keys/a', 'https://v.vault.azure.net/secrets/', 'https://v/secrets/a'],
    ...['https://v.vault.azure.net/secrets/../keys/a', 'https://v.vault.azure.net/secrets/a%2f..%2fb'],
    ...[
      'https://v.vault.azure.net/secrets/a\r\nx: y',
      `https://v.vault.azure.net/secrets/${'a'.repeat(128)}`,
    ],
    ...['https://[::1].vault.azure.net/secrets/a', `https://v.vault.azure.net/secrets/a/${version}/b`],
  ]) {
    test(`${JSON.stringify(text)} is refused, and not repeated`, () =>
      assert.throws(
        () => parseSecretUrl(text),
        (error: Error) => error instanceof ServiceError && (text === '' || !error.message.includes(text)),
      ));
  }
});

describe('a Key Vault', () => {
  let cloud: TestCloud;
  let directory: string;
  let vault: KeyVault;
  let now = Date.now();

  const open = async (more: object = {}): Promise<KeyVault> =>
    createKeyVault({
      identities: await loadIdentities('', JSON.stringify(cloud.identities(more))),
      machine: { endpoint: cloud.machineEndpoint, header: 'machine' },
      ask: createAsk({ ca: cloud.ca }),
      now: () => new Date(now),
    });
  const read = async (url: string, identity?: string, from = vault): Promise<string> => {
    const secret = await from.readSecret(
      parseSecretUrl(url),
      { ...asker, identity },
      AbortSignal.timeout(8000),
    );
    return secret.reveal();
  };
  const password = (): string => cloud.secretUrl('myvault', 'password');
  const vaultRequests = (): (string | undefined)[] =>
    cloud.seen.filter(({ host }) => host.includes('.vault.')).map(({ authorization }) => authorization);
  const logins = (): number => cloud.seen.filter(({ host }) => host === cloud.loginHost).length;

  before(async () => {
    cloud = await TestCloud.start();
    directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-identities-'));
    cloud.vaults.myvault = { password: 'value-4711', 'password/0a1b': 'earlier', long: 'x'.repeat(300_000) };
  });
  after(() =>
    stopAll(
      () => cloud.stop(),
      () => rm(directory, { recursive: true }),
    ),
  );
  beforeEach(async () => {
    cloud.seen.length = 0;
    cloud.failures.length = 0;
    cloud.challenge = {};
    cloud.expiresIn = 3600;
    now = Date.now();
    vault = await open();
  });
  /** What refuses to read, and says so; nothing of it may hold a secret. */
  const refused = async (work: Promise<unknown>, code: string, message: RegExp): Promise<void> => {
    await assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof ServiceError, String(error));
      assert.match(error.message, message);
      assert.equal(error.code, code);
      assert.ok(!error.message.includes(cloud.clientSecret) && !/[\r\n]/.test(error.message));
      return true;
    });
  };

  test('is asked without a token, says where to log in, and then answers', async () => {
    assert.equal(await read(password()), 'value-4711');
    const [first, second, ...more] = vaultRequests();
    assert.deepEqual([first, more], [undefined, []]);
    assert.match(second ?? '', /^Bearer \S+$/);
  });

  test('answers a version, to an identity that is named by its client id', async () => {
    assert.equal(await read(`${password()}/0a1b`, cloud.clientId.toUpperCase()), 'earlier');
  });

  test('takes one login for many secrets at once, until the token is about to expire', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => read(password())));
    assert.equal(new Set(all).size, 1);
    assert.equal(logins(), 1);
    now += (cloud.expiresIn - 299) * 1000;
    await read(password());
    assert.equal(logins(), 2);
  });

  test('that refuses a token that it took before gets a new one, once', async () => {
    await read(password());
    cloud.failures.push({ status: 401 });
    assert.equal(await read(password()), 'value-4711');
    assert.equal(logins(), 2);
    cloud.failures.push({ status: 401 }, { status: 401 });
    await refused(read(password()), 'SecretForbidden', /may not read/);
  });

  test('that is busy is asked again when it says', async () => {
    const started = Date.now();
    cloud.failures.push({ status: 429, headers: { 'retry-after': '1' } }, { status: 503 });
    assert.equal(await read(password()), 'value-4711');
    assert.ok(Date.now() - started >= 1000);
  });

  test('that stays busy is given up at the deadline', async () => {
    cloud.failures.push({ status: 429, headers: { 'retry-after': '60' } });
    const signal = AbortSignal.timeout(300);
    const reading = vault.readSecret(parseSecretUrl(password()), asker, signal);
    await refused(reading, 'NoAnswer', /myvault.* did not answer in time: it answered 429/);
  });

  test('that is forbidden: the message names the identity, the secret and the permission', async () => {
    const message = 'Caller is not authorized\r\nto perform action';
    cloud.failures.push({ status: 403, body: { error: { code: 'Forbidden', message } } });
    await refused(
      read(password()),
      'SecretForbidden',
      /identity \[system\] may not read the secret password of vault myvault.*Key Vault Secrets User.*not authorized to/,
    );
  });

  test('without that secret says so', () =>
    refused(
      read(cloud.secretUrl('myvault', 'other')),
      'SecretNotFound',
      /no secret other of vault myvault.*was not found in this key vault/,
    ));

  test('that redirects is not followed', async () => {
    cloud.failures.push({ status: 302, headers: { location: 'https://127.0.0.1:1/' } });
    await refused(read(password()), 'NotUnderstood', /redirects are not followed/);
  });

  test('that answers without end is not read to it', () =>
    refused(read(cloud.secretUrl('myvault', 'long')), 'NoAnswer', /longer than 262144 bytes/));

  test('at a host of no known cloud gets no request at all', async () => {
    for (const host of ['v.vault.evil.com', '127.0.0.1', 'vault.azure.net', 'v.vault.azure.net.evil.com']) {
      await refused(read(`https://${host}/secrets/a`), 'VaultNotAllowed', /may ask.*\*\.vault\.azure\.net/);
    }
    assert.equal(cloud.seen.length, 0);
  });

  for (const [name, challenge, message] of [
    ['wants a login elsewhere', { authorization: 'https://evil.com/t' }, /wants a login at evil\.com/],
    ['wants tokens of another service', { resource: 'https://management.azure.com' }, /wants tokens for/],
    ['wants a login without TLS', { authorization: 'http://login.test.localhost/t' }, /ask for a login/],
    ['is of another tenant', { authorization: 'https://LOGIN/other-tenant' }, /belongs to the tenant other/],
  ] as const) {
    test(`that ${name} gets no token, nor does anybody else`, async () => {
      cloud.challenge = Object.fromEntries(
        Object.entries(challenge).map(([key, value]) => [key, value.replace('LOGIN', cloud.loginHost)]),
      );
      await refused(read(password()), 'VaultNotUnderstood', message);
      assert.equal(logins(), 0);
      assert.deepEqual(vaultRequests(), [undefined]);
    });
  }

  test('is not read as an identity that is not there, or not for that registry', async () => {
    const other = '22222222-2222-2222-2222-222222222222';
    const some = '33333333-3333-3333-3333-333333333333';
    const from = await open({ [some]: { managedIdentity: true, registries: ['another'] } });
    await refused(
      read(password(), other, from),
      'IdentityNotAvailable',
      /no identity 2222.*identities\.json/,
    );
    await refused(read(password(), some, from), 'IdentityNotAvailable', /not for runs of registry slipway/);
    assert.equal(cloud.seen.length, 0);
  });

  test('is not read with a wrong client secret, or one of another cloud', async () => {
    const id = '44444444-4444-4444-4444-444444444444';
    const wrong = { tenantId: cloud.tenantId, clientSecret: 'wrong-4711', loginHost: cloud.loginHost };
    const from = await open({ [id]: wrong });
    await refused(
      read(password(), id, from),
      'LoginRefused',
      /login\.test\.localhost:\d+ gave the identity 4444.*AADSTS7000215/,
    );
    const { loginHost: _azure, ...azure } = wrong;
    const foreign = await open({ [id]: azure });
    await refused(read(password(), id, foreign), 'IdentityNotAvailable', /is of login\.microsoftonline\.com/);
  });

  test("is read as the machine's own identity", async () => {
    const from = await open({ '[system]': { managedIdentity: true } });
    assert.equal(await read(password(), undefined, from), 'value-4711');
    const asked = cloud.seen.find((each) => each.path.startsWith('/msi/token'));
    assert.equal(
      asked?.path,
      '/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.test.localhost',
    );
    assert.equal(logins(), 0);
  });

  test('is unknown when its name is', () =>
    refused(
      createAsk()({ url: 'https://no-such-vault.invalid/' }, AbortSignal.timeout(8000)),
      'HostUnknown',
      /no host no-such-vault\.invalid/,
    ));

  test('a registry takes the access token of an identity in exchange for its own', async () => {
    const signal = AbortSignal.timeout(8000);
    const host = cloud.registryHost('team');
    assert.equal((await vault.readRegistryPassword(host, asker, signal)).reveal(), 'refresh-4711');
    const { form, path: at } = cloud.seen.at(-1) ?? assert.fail('nothing was asked');
    assert.deepEqual(
      [at, form.get('grant_type'), form.get('service'), form.get('tenant')],
      ['/oauth2/exchange', 'access_token', host, cloud.tenantId],
    );
    const elsewhere = vault.readRegistryPassword('registry.evil.com', asker, signal);
    await refused(elsewhere, 'RegistryNotAllowed', /\*\.azurecr\.io.*give userName and password/);
  });

  test('identities.json is for its owner alone, and a wrong one says what is wrong', async () => {
    const file = path.join(directory, 'identities.json');
    assert.equal((await loadIdentities(file)).byName.size, 0);
    await writeFile(file, JSON.stringify(cloud.identities()), { mode: 0o644 });
    await assert.rejects(loadIdentities(file), /others than its owner.*chmod 600/);
    const wrong: [string, RegExp][] = [
      ['{"secret-4711"', /SLIPWAY_IDENTITIES: it is no JSON$/],
      ['{"identities":{"me":{"managedIdentity":true}}}', /"me"; each is named by its client id/],
      ['{"identities":{"[system]":{"clientSecret":"secret-4711"}}}', /needs clientId, tenantId/],
      ['{"clouds":[{"loginHost":"x.y","vaultSuffix":"evil"}]}', /vaultSuffix/],
    ];
    for (const [text, message] of wrong) {
      await assert.rejects(loadIdentities(file, text), (error: Error) => {
        assert.match(error.message, message);
        return !error.message.includes('secret-4711');
      });
    }
  });
});
