import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { ArmClient, type WireRun } from './support/arm.ts';
import { startForeignRegistry, type ForeignRegistry } from './support/foreign-registry.ts';
import { startPostgres } from './support/postgres.ts';
import { startReceiver, type Receiver } from './support/receiver.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

/** Two servers on one PostgreSQL look after images and tell others; one of them is killed in between. */
describe('base images and events, two servers', () => {
  const env = { SLIPWAY_MASTER_KEY: randomBytes(32).toString('base64') };
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let database: pg.Client;
  let first: TestServer;
  let second: TestServer;
  let arm: ArmClient;
  let registry: ForeignRegistry;
  let receiver: Receiver;

  before(async () => {
    postgres = await startPostgres();
    const options = { databaseUrl: postgres.url, env };
    first = await TestServer.start(options);
    second = await TestServer.start({ ...options, args: ['--no-registries'] });
    arm = await ArmClient.connect(first);
    database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
    registry = await startForeignRegistry();
    receiver = await startReceiver();
  });
  after(() =>
    stopAll(
      () => receiver.stop(),
      () => registry.stop(),
      () => database.end(),
      () => second.stop(),
      () => first.stop(),
      () => postgres.stop(),
    ),
  );

  const count = 24;
  const looks = (): string[] => registry.looks().map(({ path }) => path);
  async function notLookedAt(): Promise<number> {
    const sql = 'select count(*) from watched_images where checked_at is null';
    return Number((await database.query<{ count: string }>(sql)).rows[0]?.count);
  }
  /** Has all images due. */
  async function letImagesBeDue(): Promise<void> {
    await database.query('update watched_images set checked_at = null, next_check_at = now()');
  }
  function gate(): { promise: Promise<void>; open: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { promise, open: resolve };
  }

  test('each image is looked at by one of them, and none is lost when one is killed', async () => {
    const put = await arm.call('PUT', `${arm.registryPath}/tasks/many-bases`, {
      location: 'local',
      properties: {
        platform: { os: 'linux' },
        step: {
          type: 'EncodedTask',
          encodedTaskContent: Buffer.from('steps: [{cmd: bash}]').toString('base64'),
        },
        trigger: { baseImageTrigger: { name: 'base', baseImageTriggerType: 'All', status: 'Disabled' } },
      },
    });
    assert.equal(put.status, 201, JSON.stringify(put.body));
    await registry.push('many/base:v1', 'one');
    await database.query(
      `insert into task_base_images
         select registry_id, name_key, 'RunTime', $1, 'many/base', 'v' || n, null, 0
         from tasks, generate_series(1, ${count}) n where name = 'many-bases'`,
      [registry.host],
    );
    await database.query(
      `insert into watched_images (registry, repository, tag, next_check_at)
         select registry, repository, tag, now() from task_base_images`,
    );
    await until('all were looked at', async () => (await notLookedAt()) === 0);
    const once = looks();
    assert.equal(once.length, count);
    assert.equal(new Set(once).size, count);

    const { promise, open } = gate();
    registry.hold = promise;
    const before = registry.seen.length;
    await letImagesBeDue();
    await letImagesBeDue();
    await until('both are at it', () => registry.seen.length >= before + 2);
    await second.end('SIGKILL');
    open();
    await until('the first has done its own', async () => (await notLookedAt()) < count);
    await until('the first has done all, when those of the other are due again', async () => {
      // A minute passes for those that the killed one held.
      await database.query(
        `update watched_images set next_check_at = next_check_at - interval '10 seconds'
         where checked_at is null and next_check_at > now()`,
      );
      return (await notLookedAt()) === 0;
    });
    assert.equal(new Set(looks()).size, count);
    await second.start();
  });

  /** A task that nobody runs by hand, and that counts as built from another image than the tag means. */
  async function addTasks(
    prefix: string,
    from: number,
    to: number,
    repository: string,
    status: string,
  ): Promise<void> {
    await database.query(
      `insert into tasks (registry_id, name, name_key, location, tags, properties, system_data)
         select registry_id, $1 || n, $1 || n, location, tags,
           jsonb_set(properties, '{trigger,baseImageTrigger,status}', to_jsonb($4::text)), system_data
         from tasks, generate_series($2::int, $3::int) n where name = 'many-bases'`,
      [prefix, from, to, status],
    );
    await database.query(
      `insert into task_base_images
         select registry_id, name_key, 'RunTime', $2, $3, 'v1', 'sha256:0', 0 from tasks where name like $1 || '%'`,
      [prefix, registry.host, repository],
    );
    await database.query(`insert into watched_images values ($1, $2, 'v1', now())`, [
      registry.host,
      repository,
    ]);
  }

  async function deliveriesOf(prefix: string): Promise<{ status: string; reason: string; run_id: string }[]> {
    const sql = `select status, reason, run_id from deliveries where task_name like $1 || '%' order by delivery_id`;
    return (await database.query<{ status: string; reason: string; run_id: string }>(sql, [prefix])).rows;
  }

  test('a thousand tasks on one image: one request, each task hears of it once', async () => {
    await registry.push('crowd/base:v1', 'one');
    registry.looks();
    await addTasks('crowd-', 1, 1000, 'crowd/base', 'Disabled');
    await until('it was looked at', async () => (await notLookedAt()) === 0);
    assert.equal(looks().length, 1);
    await letImagesBeDue();
    await until('it was looked at again', async () => (await notLookedAt()) === 0);
    const found = await deliveriesOf('crowd-');
    assert.equal(found.length, 1000);
    assert.ok(found.every(({ status, reason }) => status === 'Ignored' && /is disabled/.test(reason)));
  });

  test('pushes that go on for long start one run of a task after the other', async () => {
    await registry.push('flood/base:v1', 'one');
    await addTasks('flood-', 1, 1, 'flood/base', 'Enabled');
    const first = await until('it runs', async () =>
      (await deliveriesOf('flood-')).find((each) => each.run_id),
    );
    for (const text of ['two', 'three', 'four']) {
      await registry.push('flood/base:v1', text);
      await letImagesBeDue();
      await until('it was looked at', async () => (await notLookedAt()) === 0);
    }
    const waiting = await until('the others wait', async () => {
      const rest = (await deliveriesOf('flood-')).slice(1);
      return rest.every(({ reason }) => reason) && rest;
    });
    assert.deepEqual(
      waiting.map(({ status, reason }) => [status, reason]),
      Array(3).fill(['Pending', `waits for run ${first.run_id}, which an earlier update has started`]),
    );
    await arm.call('POST', `${arm.registryPath}/runs/${first.run_id}/cancel`);
    const decided = await until('they are decided', async () => {
      const rest = (await deliveriesOf('flood-')).slice(1);
      return rest.every(({ status }) => status !== 'Pending') && rest;
    });
    assert.deepEqual(decided.map(({ status }) => status).sort(), ['Ignored', 'Ignored', 'Started']);
    const run = decided.find(({ status }) => status === 'Started')?.run_id ?? '';
    await arm.call('POST', `${arm.registryPath}/runs/${run}/cancel`);
  });

  test('each message is sent once by one of them, and again only when one is killed while it posts', async () => {
    const put = await arm.call('PUT', `${arm.registryPath}/eventSubscriptions/all`, {
      properties: { endpoint: receiver.url, secret: 'a-secret-of-events-4711' },
    });
    assert.equal(put.status, 201, JSON.stringify(put.body));
    const isAllSent = async (): Promise<boolean> => {
      const sql = `select count(*) from outgoing_messages where status <> 'Sent'`;
      return Number((await database.query<{ count: string }>(sql)).rows[0]?.count) === 0;
    };
    const told = (): string[] =>
      receiver.taken().map(({ type, run }) => `${(run as { runId: string }).runId} ${String(type)}`);
    // No agent takes them; each is queued, and ends when it is cancelled.
    const runs = async (): Promise<string[]> =>
      Promise.all(
        Array.from({ length: 10 }, async () => {
          const { body } = await arm.schedule({ sourceLocation: 'https://example.org/repo.git' });
          const { runId } = (body as WireRun).properties;
          await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`);
          return runId;
        }),
      );
    const expected = (runIds: string[]): string[] =>
      runIds.flatMap((runId) => [`${runId} RunQueued`, `${runId} RunFinished`]);
    const some = await runs();
    await until('all is sent', isAllSent);
    assert.deepEqual(told().sort(), expected(some).sort());

    const { promise, open } = gate();
    receiver.hold = promise;
    const more = await runs();
    await until('they are being told', () => told().length > 20);
    await second.end('SIGKILL');
    open();
    receiver.hold = Promise.resolve();
    await until('all is sent', async () => {
      await database.query(
        `update outgoing_messages set next_try_at = next_try_at - interval '10 seconds'
         where status = 'Pending' and next_try_at > now()`,
      );
      return isAllSent();
    });
    const all = told();
    assert.deepEqual([...new Set(all)].sort(), expected([...some, ...more]).sort());
    for (const runId of more)
      assert.ok(all.indexOf(`${runId} RunQueued`) < all.indexOf(`${runId} RunFinished`), runId);
  });
});
