import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import { archiveOfDirectory } from './support/archive.ts';
import { loginAz } from './support/az.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { commandLinesThatHold, filesThatHold } from './support/exposure.ts';
import { TestCloud } from './support/key-vault.ts';
import { command, slipwayCommand, TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

const system = '[system]';

/** Makes another registry of the server with an admin user. */
async function addRegistry(arm: ArmClient, name: string) {
  const other = arm.inRegistry(name);
  const body = { location: 'local', sku: { name: 'Premium' }, properties: { adminUserEnabled: true } };
  const made = await other.call('PUT', `${other.registryPath}?api-version=2023-07-01`, body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const listed = await other.call('POST', `${other.registryPath}/listCredentials?api-version=2023-07-01`, {});
  const { username, passwords } = listed.body as { username: string; passwords: { value: string }[] };
  const { loginServer } = (made.body as { properties: { loginServer: string } }).properties;
  return { arm: other, loginServer, username, password: passwords[0]?.value ?? '' };
}

async function ended(arm: ArmClient, scheduled: { body: unknown; status: number }): Promise<WireRun> {
  assert.equal(scheduled.status, 200, JSON.stringify(scheduled.body));
  const { runId } = (scheduled.body as WireRun).properties;
  return until(`run ${runId} ends`, async () => {
    const run = await arm.run(runId);
    return isEnded(run) && run;
  });
}

describe('a registry with a password in a vault', () => {
  let server: TestServer;
  let arm: ArmClient;
  let second: Awaited<ReturnType<typeof addRegistry>>;
  let context: Awaited<ReturnType<typeof makeContext>>;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    arm = await ArmClient.connect(server);
    second = await addRegistry(arm, 'second');
    context = await makeContext(busyboxBase);
    const sourceLocation = await second.arm.upload(await archiveOfDirectory(context.directory));
    const base = { imageNames: ['base:1'], isPushEnabled: true, sourceLocation };
    const { properties } = await ended(second.arm, await second.arm.schedule(base));
    assert.equal(properties.status, 'Succeeded', await second.arm.log(properties.runId));
    await writeFile(
      path.join(context.directory, 'Dockerfile'),
      `FROM ${second.loginServer}/base:1\nRUN sleep 1\n`,
    );
  });
  after(() =>
    stopAll(
      () => context.remove(),
      () => server.stop(),
    ),
  );

  const slipway = async (...args: string[]): Promise<string> => {
    const result = await server.slipway(args);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  };
  const setSecret = async (name: string, value: string): Promise<string> => {
    const file = path.join(server.directory, 'value.txt');
    await writeFile(file, value);
    return (await slipway('secret', 'set', name, '--file', file)).trim();
  };
  const url = (name: string): string => `https://slipway.vault.localhost/secrets/${name}`;
  const vaultCredential = (user: string, password: string): object => ({
    userName: { type: 'Vaultsecret', value: user },
    password: { type: 'Vaultsecret', value: password },
  });
  /** Builds on the image of the second registry, with that credential for it. */
  const build = async (credential: object | undefined, from = arm) => {
    const sourceLocation = await from.upload(await archiveOfDirectory(context.directory));
    const credentials = credential && { customRegistries: { [second.loginServer]: credential } };
    return from.schedule({ sourceLocation, ...(credentials && { credentials }), noCache: true });
  };

  test('slipway secret: set by file and by pipe, list, delete', async () => {
    assert.equal(await setSecret('by-file', 'one'), url('by-file'));
    const [node = '', ...args] = slipwayCommand(['secret', 'set', 'By-Pipe', '--vault', 'Other']);
    const piped = await command(
      'bash',
      ['-c', 'printf "two\\n" | "$0" "$@"', node, ...args],
      await server.clientEnv(),
    );
    assert.equal(piped.stdout.trim(), 'https://other.vault.localhost/secrets/By-Pipe', piped.stderr);
    await setSecret('by-file', 'three');
    const listed = JSON.parse(await slipway('secret', 'list', '--json')) as { id: string }[];
    assert.deepEqual(
      listed.map(({ id }) => id),
      [url('by-file')],
    );
    assert.match(await slipway('secret', 'list', '--vault', 'other'), /^\d{4}.* https:\S+\/By-Pipe\n$/);
    await slipway('secret', 'delete', 'by-file');
    assert.equal(await slipway('secret', 'list'), '');
    const again = await server.slipway(['secret', 'delete', 'by-file']);
    assert.deepEqual([again.code, /no secret by-file/.test(again.stderr)], [1, true]);
  });

  test('the API sets, lists in pages, and never answers a value', async () => {
    const all = `${arm.registryPath}/vaults/pages/secrets`;
    for (let index = 0; index < 103; index += 1) {
      const name = `s${String(index).padStart(3, '0')}`;
      const set = await arm.call('PUT', `${all}/${name}`, { value: 'paged-4711' });
      assert.equal(set.status, 200);
      assert.match(
        (set.body as { id: string }).id,
        new RegExp(`^https://pages\\.vault\\.localhost/secrets/${name}/[0-9a-f]{32}$`),
      );
      assert.ok(!JSON.stringify(set.body).includes('4711'));
    }
    const first = (await arm.call('GET', all)).body as { value: unknown[]; nextLink: string };
    const next = await arm.call('GET', first.nextLink.replace(server.url, ''));
    assert.deepEqual([first.value.length, (next.body as { value: unknown[] }).value.length], [100, 3]);
    assert.ok(!JSON.stringify([first, next]).includes('4711'));
    const wrong: [string, object | undefined][] = [
      [`${all}/a.b`, { value: 'x' }],
      [`${all}/${'a'.repeat(128)}`, { value: 'x' }],
      [`${all}/a`, {}],
      [`${all}/a`, { value: '' }],
      [`${all}/a`, { value: 'x'.repeat(65_537) }],
    ];
    for (const [at, body] of wrong) assert.equal((await arm.call('PUT', at, body)).status, 400, at);
    assert.equal((await arm.call('GET', `${all}/s001`)).status, 405);
    assert.equal((await arm.withToken(undefined).call('GET', all)).status, 401);
    assert.equal((await arm.call('DELETE', `${all}/S001`)).status, 200);
    assert.equal((await arm.call('DELETE', `${all}/s001`)).status, 204);
  });

  test('a build uses it, and nothing shows it', async () => {
    await setSecret('user', second.username);
    await setSecret('password', second.password);
    assert.equal((await ended(arm, await build(undefined))).properties.status, 'Failed');

    const scheduled = await build(vaultCredential(url('user'), url('password')));
    const { runId } = (scheduled.body as WireRun).properties;
    const exposed: string[] = [];
    const run = await until('the build ends', async () => {
      exposed.push(...(await commandLinesThatHold(second.password)));
      const now = await arm.run(runId);
      return isEnded(now) && now;
    });
    const log = await arm.log(runId);
    assert.equal(run.properties.status, 'Succeeded', log);
    assert.deepEqual(exposed, []);
    const stored = [...(await filesThatHold(path.join(server.data, 'db'), second.password))];
    assert.deepEqual(stored, []);
    assert.ok(![log, JSON.stringify([scheduled.body, run])].some((text) => text.includes(second.password)));
    assert.ok(!(await readFile(server.logFile, 'utf8')).includes(second.password));
  });

  for (const [name, credential, message] of [
    [
      'a secret that is not there',
      vaultCredential('user', 'gone'),
      /password: there is no secret gone in vault slipway of registry slipway.*slipway secret set gone --vault slipway/,
    ],
    [
      'a version that is not there',
      vaultCredential('user', `password/${'0'.repeat(32)}`),
      /no version 0{32} of secret password/,
    ],
  ] as const) {
    test(`a run with ${name} fails, and its log says why`, async () => {
      const { userName, password } = credential as Record<string, { value: string; type: string }>;
      const inVault = vaultCredential(url(userName?.value ?? ''), url(password?.value ?? ''));
      const { properties } = await ended(arm, await build(inVault));
      assert.equal(properties.status, 'Failed');
      assert.match(properties.runErrorMessage ?? '', message);
      assert.match(
        await arm.log(properties.runId),
        new RegExp(`Run ID: ${properties.runId} failed. Error: .*${message.source}`),
      );
    });
  }

  test('a password in place of a URL, and a vault elsewhere, fail without showing anything', async () => {
    for (const [value, message] of [
      ['hunter2-4711', /no URL of a secret/],
      ['https://v.evil.com/secrets/a', /v\.evil\.com is not the host of a vault/],
      ['https://v.vault.azure.net/secrets/a', /no identity \[system\]/],
    ] as const) {
      const { properties } = await ended(arm, await build(vaultCredential(url('user'), value)));
      assert.equal(properties.status, 'Failed');
      assert.match(properties.runErrorMessage ?? '', message);
      assert.ok(!properties.runErrorMessage?.includes('hunter2'));
    }
  });

  test('runs of another registry do not read it', async () => {
    const { properties } = await ended(
      second.arm,
      await build(vaultCredential(url('user'), url('password')), second.arm),
    );
    assert.match(properties.runErrorMessage ?? '', /no secret user in vault slipway of registry second/);
  });

  test('an identity logs in to another registry of the server, as who asked for the run', async () => {
    const { properties } = await ended(arm, await build({ identity: system }));
    assert.equal(properties.status, 'Succeeded', await arm.log(properties.runId));
  });

  test('az acr task credential add takes URLs of the vault', async () => {
    const az = await loginAz(server, server.directory);
    try {
      const task = ['-r', 'slipway', '-n', 'vault-task'];
      await az.azJson(
        ...[
          'acr',
          'task',
          'create',
          ...task,
          '-c',
          'https://example.com/a.git',
          '-f',
          'Dockerfile',
          '-t',
          'a:1',
        ],
        ...['--commit-trigger-enabled', 'false', '--base-image-trigger-enabled', 'false'],
      );
      const login = ['--login-server', second.loginServer];
      const secrets = ['-u', url('user'), '-p', url('password')];
      await az.azJson('acr', 'task', 'credential', 'add', ...task, ...login, ...secrets);
      const details = await arm.call('POST', `${arm.registryPath}/tasks/vault-task/listDetails`);
      const { credentials } = (details.body as { properties: { credentials: unknown } }).properties;
      assert.deepEqual(credentials, {
        customRegistries: { [second.loginServer]: vaultCredential(url('user'), url('password')) },
      });
    } finally {
      await az.logout();
    }
  });
});

/** An agent of ours that only talks: it claims a run, and asks for its secrets. */
describe('secrets for agents', () => {
  let server: TestServer;
  let cloud: TestCloud;
  let arm: ArmClient;
  let token: string;

  const post = async (at: string, body: object, bearer = token) => {
    const response = await server.http.request(`${server.url}/agent/v1${at}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  };
  const schedule = async (credential?: object): Promise<string> => {
    const credentials = credential && { customRegistries: { 'r.example.com': credential } };
    const scheduled = await arm.schedule({
      sourceLocation: 'https://example.com/a.git',
      ...(credentials && { credentials }),
    });
    assert.equal(scheduled.status, 200, JSON.stringify(scheduled.body));
    return (scheduled.body as WireRun).properties.runId;
  };
  const claim = async () => {
    const claimed = await post('/claim', {});
    assert.equal(claimed.status, 200);
    return claimed.body as {
      runKey: number;
      runId: string;
      attempt: number;
      logins: { registry: string; username: string; password: string }[];
    };
  };
  const secret = (name: string): object => ({ type: 'Vaultsecret', value: cloud.secretUrl('myvault', name) });

  before(async () => {
    cloud = await TestCloud.start();
    cloud.vaults.myvault = { user: 'vault-user', password: 'vault-password-4711', big: 'x'.repeat(65_537) };
    server = await TestServer.start({
      args: ['--lease-seconds', '8'],
      env: { NODE_EXTRA_CA_CERTS: cloud.caFile, SLIPWAY_IDENTITIES: JSON.stringify(cloud.identities()) },
    });
    arm = await ArmClient.connect(server);
    const join = (await readFile(path.join(server.data, 'agent.token'), 'utf8')).trim();
    const place = { name: 'talker', instanceId: 'one', pool: 'default', os: 'linux', architecture: 'amd64' };
    const joined = await post('/register', { ...place, protocolVersion: 1, deadInstanceIds: [] }, join);
    token = joined.body.agentToken as string;
  });
  after(() =>
    stopAll(
      () => server.stop(),
      () => cloud.stop(),
    ),
  );

  test('a login with secrets of a Key Vault reaches the agent', async () => {
    await schedule({ userName: secret('user'), password: secret('password'), identity: cloud.clientId });
    const claimed = await claim();
    const login = claimed.logins.find(({ registry }) => registry === 'r.example.com');
    assert.deepEqual([login?.username, login?.password], ['vault-user', 'vault-password-4711']);
    assert.deepEqual(await filesThatHold(server.data, 'vault-password-4711'), []);
    await post(`/runs/${claimed.runKey}/complete`, {
      ...{ attempt: claimed.attempt, status: 'Succeeded', outputImages: [], dependencies: [] },
    });
  });

  test('a vault that does not answer ends the run, and the agent gets the next one', async () => {
    cloud.failures.push({ status: 429, headers: { 'retry-after': '60' } });
    const stuck = await schedule({ userName: { value: 'me' }, password: secret('password') });
    const next = await schedule();
    const claimed = await claim();
    assert.equal(claimed.runId, next);
    const { properties } = await arm.run(stuck);
    assert.equal(properties.status, 'Failed');
    assert.match(properties.runErrorMessage ?? '', /password: myvault.*did not answer in time/);
    assert.match(await arm.log(stuck), /failed\. Error: .*did not answer in time/);
    await post(`/runs/${claimed.runKey}/complete`, {
      ...{ attempt: claimed.attempt, status: 'Succeeded', outputImages: [], dependencies: [] },
    });
  });

  test("a task's secrets are for the agent that holds its run", async () => {
    await arm.call('PUT', `${arm.registryPath}/vaults/slipway/secrets/local`, { value: 'local-4711' });
    const runId = await schedule();
    const { runKey, attempt } = await claim();
    const at = `/runs/${runKey}/secrets`;
    const ask = (...secrets: { id: string; keyvault: string; clientId?: string }[]) =>
      post(at, { attempt, secrets });
    const local = { id: 'one', keyvault: 'https://slipway.vault.localhost/secrets/local' };
    const remote = { id: 'two', keyvault: cloud.secretUrl('myvault', 'password'), clientId: cloud.clientId };
    const both = await ask(local, remote);
    assert.deepEqual(both.body, { values: { one: 'local-4711', two: 'vault-password-4711' } });
    const wrong = async (keyvault: string, message: RegExp): Promise<void> => {
      const { status, body } = await ask(local, { id: 'bad', keyvault });
      assert.deepEqual([status, (body.error as { code: string }).code], [400, 'SecretUnreadable']);
      assert.match((body.error as { message: string }).message, message);
    };
    await wrong(
      cloud.secretUrl('myvault', 'none'),
      /^secret "bad": there is no secret none of vault myvault/,
    );
    await wrong(cloud.secretUrl('myvault', 'big'), /65537 bytes; a run takes secrets of at most 65536/);
    await wrong('https://other.vault.localhost/secrets/local', /no secret local in vault other/);
    await wrong('nonsense', /no URL of a secret/);
    const many = Array.from({ length: 101 }, (_, index) => ({ ...local, id: `s${index}` }));
    assert.equal((await ask(...many)).status, 400);
    assert.equal((await ask(...many.slice(1))).status, 200);
    assert.equal((await post(at, { attempt: attempt + 1, secrets: [local] })).status, 409);
    assert.equal((await post(at, { attempt, secrets: [local] }, 'nobody')).status, 401);
    await post(`/runs/${runKey}/complete`, { attempt, status: 'Failed', outputImages: [], dependencies: [] });
    assert.equal((await ask(local)).status, 409);

    const log = await readFile(server.logFile, 'utf8');
    const audit = log.split('\n').find((line) => line.includes('a run read secrets'));
    assert.match(audit ?? '', new RegExp(`"runId":"${runId}".*"secrets":\\["one","two"\\]`));
    for (const value of ['local-4711', 'vault-password-4711', cloud.clientSecret]) {
      assert.ok(!log.includes(value));
      assert.deepEqual(await filesThatHold(server.data, value), []);
    }
  });
});
