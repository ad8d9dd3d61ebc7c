import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { archiveOf } from './support/archive.ts';
import { ArmClient, isEnded, type Answer } from './support/arm.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

type WireList = { value: { name: string }[]; nextLink?: string };

/** What is kept of runs and for how long; time is moved in the database. */
describe('retention', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let server: TestServer;
  let arm: ArmClient;
  let client: pg.Client;

  before(async () => {
    postgres = await startPostgres();
    server = await TestServer.start({ agents: 1, databaseUrl: postgres.url });
    arm = await ArmClient.connect(server);
    client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
  });
  after(() =>
    stopAll(
      () => client.end(),
      () => server.stop(),
      () => postgres.stop(),
    ),
  );

  const archive = () => archiveOf([{ name: 'Dockerfile', body: 'FROM scratch\nCOPY Dockerfile /\n' }]);
  const endedRun = async (request: Record<string, unknown>): Promise<string> => {
    const answer = await arm.schedule(request);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { runId } = (answer.body as { properties: { runId: string } }).properties;
    await until(`run ${runId} ends`, async () => isEnded(await arm.run(runId)));
    await until(`the log of ${runId} is sealed`, async () => {
      const { rows } = await client.query('select 1 from runs where run_id = $1 and is_log_sealed', [runId]);
      return rows.length === 1;
    });
    return runId;
  };
  const agoDays = (runId: string, days: number) =>
    client.query(`update runs set finish_time = now() - $2 * interval '1 day' where run_id = $1`, [
      runId,
      days,
    ]);
  const get = (runId: string): Promise<Answer> => arm.call('GET', `${arm.registryPath}/runs/${runId}`);
  /** Files of blobs: sealed logs and sources. */
  const countBlobs = async (): Promise<number> => {
    const entries = await readdir(path.join(server.data, 'blobs'), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('/.')).length;
  };
  const restart = async (): Promise<void> => {
    await server.end('SIGKILL');
    await server.start();
  };

  test('an old run goes with its log and source; a younger, an archived and one with a shared source stay', async () => {
    const mine = await arm.upload(await archive());
    const shared = await arm.upload(await archive());
    const before = await countBlobs();
    const old = await endedRun({ sourceLocation: mine });
    const young = await endedRun({ sourceLocation: shared });
    const sharing = await endedRun({ sourceLocation: shared });
    const archived = await endedRun({ sourceLocation: shared });
    const patched = await arm.call('PATCH', `${arm.registryPath}/runs/${archived}`, {
      isArchiveEnabled: true,
    });
    assert.equal(patched.status, 200);
    assert.equal(await countBlobs(), before + 4);
    const logLink = (
      (await arm.call('POST', `${arm.registryPath}/runs/${old}/listLogSasUrl`)).body as { logLink: string }
    ).logLink;
    for (const runId of [old, sharing, archived]) await agoDays(runId, 31);
    await agoDays(young, 29);
    await client.query(`update uploads set last_used_at = now() - interval '31 days'`);

    await restart();
    await until('the old runs are gone', async () => (await get(old)).status === 404);
    await until('the other old one, too', async () => (await get(sharing)).status === 404);
    assert.equal((await get(young)).status, 200);
    assert.equal((await get(archived)).status, 200);
    assert.match(await arm.log(archived), /was successful/);
    await until(
      'two logs and one source are gone from the disk',
      async () => (await countBlobs()) === before - 1 + 2,
    );
    assert.equal((await server.http.request(logLink, { method: 'GET' })).status, 404);
    const again = await arm.schedule({ sourceLocation: mine });
    assert.equal((again.body as { error: { code: string } }).error.code, 'SourceNotUploaded');
    await endedRun({ sourceLocation: shared });
  });

  test('an upload that no run ever used goes after a day; a newer one stays', async () => {
    const [unused, fresh] = [await arm.upload(await archive()), await arm.upload(await archive())];
    const before = await countBlobs();
    await client.query(`update uploads set last_used_at = now() - interval '25 hours' where path = $1`, [
      unused,
    ]);
    await restart();
    await until('it is gone', async () => (await countBlobs()) === before - 1);
    await endedRun({ sourceLocation: fresh });
  });

  test('a blob whose row went before a kill is removed later', async () => {
    const runId = await endedRun({ sourceLocation: await arm.upload(await archive()) });
    await server.end('SIGKILL');
    const before = await countBlobs();
    await client.query('delete from runs where run_id = $1', [runId]); // as far as the purge came
    assert.equal(await countBlobs(), before);
    await server.start();
    await until('its log is gone from the disk', async () => (await countBlobs()) === before - 1);
  });

  test('a registry takes its logs and sources with it', async () => {
    const version = '?api-version=2025-11-01';
    const { status } = await arm.call('PUT', `${arm.inRegistry('leaving1').registryPath}${version}`, {
      location: 'local',
      sku: { name: 'Basic' },
    });
    assert.equal(status, 201);
    const before = await countBlobs();
    const leaving = arm.inRegistry('leaving1');
    await leaving.upload(await archive());
    assert.equal(await countBlobs(), before + 1);
    assert.equal((await arm.call('DELETE', `${leaving.registryPath}${version}`)).status, 200);
    await until('they are gone from the disk', async () => (await countBlobs()) === before);
  });

  test('cancel: queued at once, running within seconds, finished 409 that says so', async () => {
    const cancel = (runId: string) => arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`);
    const queued = await arm.schedule({
      sourceLocation: await arm.upload(await archive()),
      platform: { os: 'windows' },
    });
    const queuedId = (queued.body as { name: string }).name;
    assert.equal((await cancel(queuedId)).status, 200);
    assert.equal((await arm.run(queuedId)).properties.status, 'Canceled');

    const hanging = await archiveOf([
      {
        name: 'Dockerfile',
        body: 'FROM scratch\nCOPY --chmod=755 busybox /\nRUN ["/busybox", "sleep", "600"]\n',
      },
      { name: 'busybox', body: await readFile('/bin/busybox'), mode: 0o755 },
    ]);
    const running = await arm.schedule({ sourceLocation: await arm.upload(hanging) });
    const runningId = (running.body as { name: string }).name;
    await until('it runs', async () => (await arm.run(runningId)).properties.status === 'Running');
    assert.equal((await cancel(runningId)).status, 200);
    await until('it is canceled', async () => (await arm.run(runningId)).properties.status === 'Canceled');

    for (const runId of [queuedId, runningId]) {
      const again = await cancel(runId);
      assert.equal(again.status, 409);
      const { error } = again.body as { error: { code: string; message: string } };
      assert.equal(error.code, 'RunAlreadyFinished');
      assert.match(error.message, new RegExp(`run ${runId} .*Canceled since`));
    }
    assert.equal((await cancel('ca99999')).status, 404);
  });

  test('pages stay as they are while runs arrive: each old run once, no new one', async () => {
    const waiting = async () => {
      const answer = await arm.schedule({
        sourceLocation: 'https://example.org/a.git',
        platform: { os: 'windows' },
      });
      return (answer.body as { name: string }).name;
    };
    const first: string[] = [];
    for (let index = 0; index < 230; index += 1) first.push(await waiting());
    const wanted = new Set(first);
    const seen: string[] = [];
    let link: string | undefined =
      `${arm.registryPath}/runs?api-version=2025-03-01-preview&$filter=${encodeURIComponent("status eq 'Queued'")}`;
    let pages = 0;
    while (link !== undefined) {
      const { body } = await arm.call('GET', link);
      const { value, nextLink } = body as WireList;
      seen.push(...value.map(({ name }) => name));
      pages += 1;
      link = nextLink?.slice(server.url.length);
      for (let index = 0; index < 3; index += 1) await waiting();
    }
    assert.equal(pages, 3);
    assert.deepEqual(seen, [...wanted].reverse());

    const top = await arm.call('GET', `${arm.registryPath}/runs?$top=150`);
    const { value, nextLink = '' } = top.body as WireList;
    assert.equal(value.length, 100);
    await waiting();
    const rest = (await arm.call('GET', nextLink.slice(server.url.length))).body as WireList;
    assert.equal(rest.value.length, 50);
    assert.equal(rest.nextLink, undefined);
    assert.ok(rest.value.every(({ name }) => !value.some((other) => other.name === name)));
  });
});
