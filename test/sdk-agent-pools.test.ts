import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startPostgres } from './support/postgres.ts';
import { connectSdk, type Sdk } from './support/sdk.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';

/** The six operations of agent pools as the Azure SDK calls them; the server starts their agents. On PostgreSQL. */
describe('agent pools through the SDK', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let server: TestServer;
  let sdk: Sdk;

  before(async () => {
    postgres = await startPostgres();
    server = await TestServer.start({ agents: 1, databaseUrl: postgres.url });
    sdk = await connectSdk(server);
  });
  after(() =>
    stopAll(
      () => server.stop(),
      () => postgres.stop(),
    ),
  );

  test('create, get, list, update, queue status, delete', async () => {
    const { client, group, registry } = sdk;
    const pools = client.agentPools;
    const created = await pools.beginCreateAndWait(
      group,
      registry,
      'SdkPool',
      { location: 'local', count: 1, tier: 'S1', os: 'Linux', tags: { team: 'one' } },
      { updateIntervalInMs: 200 },
    );
    assert.equal(created.provisioningState, 'Succeeded');
    assert.deepEqual(
      [created.name, created.count, created.tier, created.os, created.tags],
      ['SdkPool', 1, 'S1', 'Linux', { team: 'one' }],
    );
    assert.equal(created.systemData?.createdByType, 'Application');

    const got = await pools.get(group, registry, 'sdkpool');
    assert.equal(got.id, created.id);

    const updated = await pools.beginUpdateAndWait(
      group,
      registry,
      'SdkPool',
      { count: 0 },
      { updateIntervalInMs: 200 },
    );
    assert.deepEqual([updated.count, updated.tier, updated.tags], [0, 'S1', { team: 'one' }]);

    const names: (string | undefined)[] = [];
    for await (const pool of pools.list(group, registry)) names.push(pool.name);
    assert.deepEqual(names, ['SdkPool']);

    const status = await pools.getQueueStatus(group, registry, 'SdkPool');
    assert.equal(status.count, 0);

    await pools.beginDeleteAndWait(group, registry, 'SdkPool', { updateIntervalInMs: 500 });
    await assert.rejects(pools.get(group, registry, 'SdkPool'), /There is no agent pool 'SdkPool'/);
    await pools.beginDeleteAndWait(group, registry, 'SdkPool'); // 204
  });
});
