import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { ArmClient } from './support/arm.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

interface TriggeredRun {
  readonly properties: {
    readonly runId: string;
    readonly runType: string;
    readonly task: string;
    readonly timerTrigger?: { readonly timerTriggerName: string; readonly scheduleOccurrence: string };
  };
}

interface WireDelivery {
  readonly name: string;
  readonly properties: {
    readonly task: string;
    readonly status: string;
    readonly reason?: string;
    readonly runId?: string;
    readonly redeliveryOf?: string;
    readonly timerTrigger?: { readonly scheduleOccurrence: string };
  };
}

const step = {
  type: 'Docker',
  contextPath: 'https://git.example.com/app.git',
  imageNames: ['app:{{.Run.ID}}'],
  dockerFilePath: 'Dockerfile',
};

function taskWith(timerTriggers: readonly object[], more: object = {}): object {
  const properties = { platform: { os: 'linux' }, step, trigger: { timerTriggers }, ...more };
  return { location: 'local', properties };
}

/** Timers that are due start runs: once, whatever happens. The servers here have no agents: runs stay queued. */
describe('timers', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let database: pg.Client;
  let server: TestServer;
  let arm: ArmClient;
  const env = { SLIPWAY_MASTER_KEY: randomBytes(32).toString('base64') };

  before(async () => {
    postgres = await startPostgres();
    server = await TestServer.start({ databaseUrl: postgres.url, env });
    arm = await ArmClient.connect(server);
    database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
  });
  after(() =>
    stopAll(
      () => database.end(),
      () => server.stop(),
      () => postgres.stop(),
    ),
  );

  async function put(name: string, task: object): Promise<void> {
    const { status, body } = await arm.call('PUT', `${arm.registryPath}/tasks/${name}`, task);
    assert.ok(status === 200 || status === 201, JSON.stringify(body));
  }

  /** Makes a task's timers due, as if so many minutes had passed. */
  async function pass(minutes: number, taskPattern: string): Promise<void> {
    await database.query(
      `update task_timers set next_occurrence = next_occurrence - make_interval(mins => $1) where task_key like $2`,
      [minutes, taskPattern],
    );
  }

  async function runsOf(task: string): Promise<TriggeredRun['properties'][]> {
    const { body } = await arm.call(
      'GET',
      `${arm.registryPath}/runs?$filter=${encodeURIComponent(`TaskName eq '${task}'`)}`,
    );
    return (body as { value: TriggeredRun[] }).value.map(({ properties }) => properties);
  }

  async function deliveriesOf(task: string): Promise<WireDelivery[]> {
    const { body } = await arm.call('GET', `${arm.registryPath}/deliveries?taskName=${task}`);
    return (body as { value: WireDelivery[] }).value;
  }

  const oneRunOf = (task: string): Promise<TriggeredRun['properties']> =>
    until(`${task} has a run`, async () => (await runsOf(task))[0]);

  test('an occurrence is a run that says which timer it was and when it was due', async () => {
    await put('nightly', taskWith([{ name: 'night', schedule: '0 4 * * *' }]));
    await pass(24 * 60, 'nightly');
    const run = await oneRunOf('nightly');
    assert.equal(run.runType, 'AutoBuild');
    assert.equal(run.timerTrigger?.timerTriggerName, 'night');
    assert.match(run.timerTrigger.scheduleOccurrence, /T04:00:00\.000Z$/);
    const [delivery] = await deliveriesOf('nightly');
    assert.equal(delivery?.properties.status, 'Started');
    assert.equal(delivery.properties.runId, run.runId);
  });

  test('a minute comes by itself', async () => {
    await put('minutely', taskWith([{ name: 'm', schedule: '* * * * *' }]));
    await until('the minute has come', async () => (await runsOf('minutely')).length > 0, 90_000);
    await put('minutely', taskWith([]));
  });

  test('occurrences that were missed are one run, of the latest, and its log says so', async () => {
    await put('missed', taskWith([{ name: 'hourly', schedule: '0 * * * *' }]));
    await pass(5 * 60, 'missed');
    const run = await oneRunOf('missed');
    const { body } = await arm.call('POST', `${arm.registryPath}/runs/${run.runId}/listLogSasUrl`);
    const log = await server.http.request((body as { logLink: string }).logLink, { method: 'GET' });
    assert.match(await log.text(), /4 earlier occurrences are left out/);
    assert.equal((await runsOf('missed')).length, 1);
  });

  test('each of several timers counts, a disabled one does not, and a change of another keeps the rest', async () => {
    const timers = [
      { name: 'one', schedule: '0 1 * * *' },
      { name: 'two', schedule: '0 2 * * *' },
      { name: 'off', schedule: '0 3 * * *', status: 'Disabled' },
    ];
    await put('several', taskWith(timers));
    const timersIn = async (): Promise<string[]> => {
      const found = await database.query<{ name: string }>(
        `select name from task_timers where task_key = 'several' order by name`,
      );
      return found.rows.map(({ name }) => name);
    };
    assert.deepEqual(await timersIn(), ['one', 'two']);
    const path = `${arm.registryPath}/tasks/several`;
    await arm.call('PATCH', path, {
      properties: { trigger: { timerTriggers: [{ name: 'off', status: 'Enabled' }] } },
    });
    assert.deepEqual(await timersIn(), ['off', 'one', 'two']);
    await arm.call('PATCH', path, { properties: { status: 'Disabled' } });
    assert.deepEqual(await timersIn(), []);
    await put('several', taskWith([timers[1] ?? {}]));
    assert.deepEqual(await timersIn(), ['two']);
    await arm.call('DELETE', path);
    assert.deepEqual(await timersIn(), []);
  });

  test('a start that fails is tried again; a task that was disabled meanwhile is left alone', async () => {
    await put('patient', taskWith([{ name: 't', schedule: '0 4 * * *' }], { agentPoolName: 'nowhere' }));
    await pass(24 * 60, 'patient');
    await until('it was tried', async () => (await deliveriesOf('patient'))[0]?.properties.reason);
    assert.equal((await deliveriesOf('patient'))[0]?.properties.status, 'Pending');
    await put('patient', taskWith([{ name: 't', schedule: '0 4 * * *' }]));
    await oneRunOf('patient');
    await put('replaced', taskWith([{ name: 't', schedule: '0 4 * * *' }], { agentPoolName: 'nowhere' }));
    await pass(24 * 60, 'replaced');
    await until('it was tried', async () => (await deliveriesOf('replaced'))[0]?.properties.reason);
    await put('replaced', taskWith([]));
    const outdated = await until('it was decided', async () => {
      const [found] = await deliveriesOf('replaced');
      return found?.properties.status === 'Ignored' ? found : undefined;
    });
    assert.match(outdated.properties.reason ?? '', /no trigger t any more/);

    await put('disabled', taskWith([{ name: 't', schedule: '0 4 * * *' }]));
    await database.query('begin');
    await database.query(
      `update tasks set properties = properties || '{"status":"Disabled"}' where name = 'disabled'`,
    );
    await database.query(
      `update task_timers set next_occurrence = now() - interval '1 minute' where task_key = 'disabled'`,
    );
    await database.query('commit');
    const delivery = await until('it was decided', async () => {
      const [found] = await deliveriesOf('disabled');
      return found?.properties.status === 'Ignored' ? found : undefined;
    });
    assert.match(delivery.properties.reason ?? '', /is disabled/);
  });

  test('a delivery is sent again by hand, as one of its own', async () => {
    const [delivery] = await deliveriesOf('nightly');
    const path = `${arm.registryPath}/deliveries/${delivery?.name}`;
    const { status, body } = await arm.call('POST', `${path}/redeliver`);
    assert.equal(status, 200);
    assert.equal((body as WireDelivery).properties.redeliveryOf, delivery?.name);
    await until('there is a second run', async () => (await runsOf('nightly')).length === 2);
    assert.equal((await arm.call('GET', `${arm.registryPath}/deliveries/999999`)).status, 404);
  });

  test('events, webhooks and who hears of runs: each is allowed by an action of its own', async () => {
    const kind = 'Microsoft.ContainerRegistry/registries';
    const [delivery] = await deliveriesOf('nightly');
    const cases: readonly [
      method: Parameters<ArmClient['call']>[0],
      path: string,
      action: string,
      body?: object,
    ][] = [
      ['GET', 'deliveries', 'deliveries/read'],
      ['GET', `deliveries/${delivery?.name}`, 'deliveries/read'],
      ['POST', `deliveries/${delivery?.name}/redeliver`, 'deliveries/redeliver/action'],
      ['POST', 'tasks/nightly/listWebhooks', 'tasks/listWebhooks/action'],
      ['GET', 'eventSubscriptions', 'eventSubscriptions/read'],
      ['PUT', 'eventSubscriptions/mine', 'eventSubscriptions/write', {}],
      ['DELETE', 'eventSubscriptions/mine', 'eventSubscriptions/delete'],
      ['GET', 'eventSubscriptions/mine/deliveries', 'eventSubscriptions/read'],
      ['POST', 'listImageUpdateKey', 'listImageUpdateKey/action'],
      ['GET', 'vaults/mine/secrets', 'vaults/secrets/read'],
      ['PUT', 'vaults/mine/secrets/word', 'vaults/secrets/write', {}],
      ['DELETE', 'vaults/mine/secrets/word', 'vaults/secrets/delete'],
    ];
    const { rows } = await database.query<{ actions: object }>('select actions from role_assignments');
    const allow = (...actions: string[]) =>
      database.query('update role_assignments set actions = $1', [JSON.stringify(actions)]);
    try {
      for (const [method, path, action, body] of cases) {
        const call = async () => arm.call(method, `${arm.registryPath}/${path}`, body);
        // all the others
        await allow(
          ...cases.map(([, , each]) => `${kind}/${each}`).filter((each) => each !== `${kind}/${action}`),
        );
        const refused = await call();
        assert.equal(refused.status, 403, path);
        assert.match(JSON.stringify(refused.body), new RegExp(action));
        await allow(`${kind}/${action}`);
        assert.notEqual((await call()).status, 403, path);
      }
    } finally {
      await database.query('update role_assignments set actions = $1', [JSON.stringify(rows[0]?.actions)]);
    }
  });

  test('a schedule that never comes is refused, with the name of its trigger', async () => {
    const { status, body } = await arm.call(
      'PUT',
      `${arm.registryPath}/tasks/never`,
      taskWith([{ name: 'leap', schedule: '0 0 30 2 *' }]),
    );
    assert.equal(status, 400);
    const { error } = body as { error: { message: string; target: string } };
    assert.match(JSON.stringify(error), /leap.*there is no such day/);
  });

  test('100 timers due at the same second, two servers, one killed: 100 runs', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `many-${String(index).padStart(3, '0')}`);
    for (const name of names) await put(name, taskWith([{ name: 't', schedule: '0 4 * * *' }]));
    const second = await TestServer.start({
      databaseUrl: postgres.url,
      env,
      args: ['--no-registries'],
    });
    try {
      await pass(24 * 60, 'many-%');
      await until('some have started', async () => {
        const { rows } = await database.query<{ count: string }>(
          `select count(*) from deliveries where status = 'Started' and task_name like 'many-%'`,
        );
        return Number(rows[0]?.count) >= 10;
      });
      await second.end('SIGKILL');
      await until('all were decided', async () => {
        const { rows } = await database.query<{ count: string }>(
          `select count(*) from deliveries where status <> 'Pending' and task_name like 'many-%'`,
        );
        return Number(rows[0]?.count) === 100;
      });
    } finally {
      await second.stop();
    }
    const { rows } = await database.query<{ task_name: string; count: string }>(
      `select task_name, count(*) from runs where task_name like 'many-%' group by task_name`,
    );
    assert.equal(rows.length, 100);
    assert.ok(rows.every(({ count }) => count === '1'));
  });

  /** After all that was done before. */
  test('deliveries are listed in pages, of one task or of one status', async () => {
    const list = async (query: string) => {
      const { status, body } = await arm.call('GET', `${arm.registryPath}/deliveries?${query}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body as { value: WireDelivery[]; nextLink?: string };
    };
    const ignored = await list('status=ignored');
    assert.ok(ignored.value.length > 1);
    assert.ok(ignored.value.every(({ properties }) => properties.status === 'Ignored'));
    const first = await list('status=Started&$top=150');
    assert.equal(first.value.length, 100);
    const next = new URL(first.nextLink ?? assert.fail('there is more'));
    next.searchParams.delete('api-version');
    const second = await list(next.searchParams.toString());
    const names = [...first.value, ...second.value].map(({ name }) => Number(name));
    assert.ok(
      second.value.length > 0 && second.value.every(({ properties }) => properties.status === 'Started'),
    );
    assert.deepEqual(
      names,
      [...new Set(names)].sort((one, other) => other - one),
    );
    const { status, body } = await arm.call('GET', `${arm.registryPath}/deliveries?status=lost`);
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /must be one of Pending, Started, Ignored, Failed/);

    const shown = await server.slipway(['deliveries', '--status', 'started', '--top', '104', '--json']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.equal((JSON.parse(shown.stdout) as object[]).length, 104);
  });
});
