import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { operations } from '../src/spec/index.ts';
import { ArmClient, type Answer } from './support/arm.ts';
import { TestServer } from './support/server.ts';

/** What surrounds the operations: ids, api-versions, headers, providers, and errors in ARM's shape. */
describe('ARM around', () => {
  let server: TestServer;
  let arm: ArmClient;
  let runId: string;
  let subscription: string;

  before(async () => {
    server = await TestServer.start();
    arm = await ArmClient.connect(server);
    subscription = arm.registryPath.split('/').slice(0, 3).join('/');
    const request = { sourceLocation: 'https://example.org/a.git', platform: { os: 'windows' } };
    const { body } = await arm.schedule(request);
    runId = (body as { name: string }).name;
  });
  after(() => server.stop());

  const errorOf = ({ body }: Answer) => (body as { error: { code: string; message: string } }).error;

  test('every id that is handed out can be got', async () => {
    const ids = new Set<string>();
    const collect = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(collect);
      else if (typeof value === 'object' && value !== null) {
        const { id } = value as { id?: unknown };
        if (typeof id === 'string' && id.startsWith('/')) ids.add(id);
        Object.values(value).forEach(collect);
      }
    };
    const lists = [
      ...['/tenants', '/subscriptions', '/providers', `${subscription}/providers`],
      ...[`${subscription}/locations`, `${subscription}/resourceGroups`, `${subscription}/resources`],
      `${arm.registryPath}/runs?api-version=2025-03-01-preview`,
    ];
    for (const path of lists) {
      const { status, body } = await arm.call(
        'GET',
        path.includes('?') ? path : `${path}?api-version=2022-12-01`,
      );
      assert.equal(status, 200, path);
      collect(body);
    }
    assert.ok(ids.size >= 10, [...ids].join('\n'));
    for (const id of ids) {
      const { status, body } = await arm.call('GET', `${id}?api-version=2025-11-01`);
      assert.equal(status, 200, `${id}: ${JSON.stringify(body)}`);
      assert.equal((body as { id: string }).id, id);
    }
  });

  test('every operation that is described is served, and asks for a token', async () => {
    for (const { method, path } of operations) {
      const [, group = '', rest = ''] =
        /^(\/subscriptions\/.*\/registries\/\{registryName\})?(.*)$/.exec(path) ?? [];
      const url = `${server.url}${group && arm.registryPath}${rest.replaceAll(/\{\w+\}/g, 'name')}`;
      const answer = await server.http.request(url, {
        method: method.toUpperCase() as Uppercase<typeof method>,
      });
      await answer.text();
      assert.equal(answer.status, 401, `${method} ${path}`);
    }
  });

  test('ids in any case', async () => {
    const id = `${arm.registryPath}/runs/${runId}`;
    const mixed = id
      .replace('/subscriptions/', '/SUBSCRIPTIONS/')
      .replace('/resourceGroups/slipway', '/ResourceGroups/SLIPWAY')
      .replace('/providers/Microsoft.ContainerRegistry', '/PROVIDERS/microsoft.containerregistry')
      .replace('/registries/slipway', '/Registries/SLIPWAY');
    for (const path of [mixed, mixed.replace(/runs\/.*/, (end) => end.toUpperCase()), id.toLowerCase()]) {
      const { status, body } = await arm.call('GET', path);
      assert.equal(status, 200, path);
      assert.equal((body as { id: string }).id, id);
    }
  });

  const versions: [string, number, string?][] = [
    ...['2018-09-01', '2019-04-01', '2019-06-01-preview', '2025-03-01-preview'].map(
      (version): [string, number] => [version, 200],
    ),
    ['2025-03-01-PREVIEW', 200],
    ['2026-01-01-preview', 200],
    ['2031-12-31', 200],
    ['2018-09-02', 400, 'InvalidApiVersionParameter'],
    ['latest', 400, 'InvalidApiVersionParameter'],
    ['', 400, 'MissingApiVersionParameter'],
  ];
  for (const [version, status, code] of versions) {
    test(`api-version=${version}`, async () => {
      const answer = await arm.call('GET', `${arm.registryPath}/runs?api-version=${version}`);
      assert.equal(answer.status, status);
      assert.match(String(answer.headers['api-supported-versions']), /2018-09-01, .*2025-03-01-preview/);
      if (code !== undefined) assert.equal(errorOf(answer).code, code);
      if (code === 'InvalidApiVersionParameter') assert.match(errorOf(answer).message, /2025-03-01-preview/);
    });
  }

  test('headers of every answer, also of errors', async () => {
    const path = `${server.url}${arm.registryPath}/runs`;
    for (const [query, status] of [
      ['?api-version=2025-03-01-preview', 200],
      ['', 400],
    ] as const) {
      const response = await server.http.request(`${path}${query}`, {
        method: 'GET',
        headers: {
          authorization: `Bearer ${arm.token()}`,
          'x-ms-client-request-id': 'mine-1',
          'x-ms-correlation-request-id': 'ours-1',
        },
      });
      await response.text();
      assert.equal(response.status, status);
      assert.match(String(response.headers['x-ms-request-id']), /^[0-9a-f-]{36}$/);
      assert.equal(response.headers['x-ms-client-request-id'], 'mine-1');
      assert.equal(response.headers['x-ms-correlation-request-id'], 'ours-1');
      assert.equal(response.headers['cache-control'], 'no-cache');
      assert.equal(response.headers['content-type'], 'application/json; charset=utf-8');
    }
  });

  test('the provider, its registration and its operations', async () => {
    for (const prefix of ['', subscription]) {
      const path = `${prefix}/providers/microsoft.containerregistry?api-version=2021-04-01`;
      const { body } = await arm.call('GET', path);
      const provider = body as { namespace: string; registrationState: string };
      assert.equal(provider.namespace, 'Microsoft.ContainerRegistry');
      assert.equal(provider.registrationState, 'Registered');
    }
    const register = `${subscription}/providers/Microsoft.ContainerRegistry/register?api-version=2021-04-01`;
    assert.equal((await arm.call('POST', register)).status, 200);
    const unknown = await arm.call('GET', '/providers/Microsoft.Nothing?api-version=2021-04-01');
    assert.equal(unknown.status, 404);
    assert.equal(errorOf(unknown).code, 'InvalidResourceNamespace');
    const { body } = await arm.call(
      'GET',
      '/providers/Microsoft.ContainerRegistry/operations?api-version=2025-11-01',
    );
    const operations = (body as { value: { name: string; display: Record<string, string> }[] }).value;
    const write = operations.find(
      ({ name }) => name === 'Microsoft.ContainerRegistry/registries/tasks/write',
    );
    assert.deepEqual(Object.keys(write?.display ?? {}).sort(), [
      'description',
      'operation',
      'provider',
      'resource',
    ]);
  });

  const unknownPaths = [
    '/nothing',
    '/subscriptions/x',
    `{registry}/webhooks`,
    `{registry}/runs/ca1/nothing`,
    `{group}/providers/Microsoft.Compute/virtualMachines/x`,
    `{registry}/%2e%2e/x`,
  ];
  for (const template of unknownPaths) {
    test(`an error in ARM's shape for ${template}`, async () => {
      const path = template
        .replace('{registry}', arm.registryPath)
        .replace('{group}', arm.registryPath.replace(/\/providers.*/, ''));
      const answer = await arm.call('GET', path);
      assert.ok(answer.status === 404 || answer.status === 400, `${answer.status}`);
      assert.ok(errorOf(answer).code && errorOf(answer).message);
      assert.ok(answer.headers['x-ms-request-id']);
    });
  }

  test('405 for what a resource does not take, with Allow', async () => {
    for (const [method, path] of [
      ['DELETE', `${arm.registryPath}/runs/${runId}`],
      ['PUT', `${arm.registryPath}/runs/${runId}`],
      ['GET', `${arm.registryPath}/scheduleRun`],
      ['POST', '/subscriptions'],
    ] as const) {
      const answer = await arm.call(method, path);
      assert.equal(answer.status, 405, path);
      assert.equal(errorOf(answer).code, 'MethodNotAllowed');
      assert.ok(answer.headers.allow, 'RFC 9110 §15.5.6');
    }
  });

  test('systemData of a registry: who made it, who changed it last', async () => {
    const path = `${arm.registryPath}?api-version=2025-11-01`;
    const made = (await arm.call('GET', path)).body as { systemData: Record<string, string> };
    await arm.call('PATCH', path, { tags: { x: 'y' } });
    const changed = (await arm.call('GET', path)).body as { systemData: Record<string, string> };
    assert.equal(changed.systemData.createdAt, made.systemData.createdAt);
    assert.equal(changed.systemData.createdByType, 'Application');
    assert.ok((changed.systemData.lastModifiedAt ?? '') > (made.systemData.lastModifiedAt ?? 'z'));
  });
});
