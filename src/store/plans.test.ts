import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { sql, type Kysely } from 'kysely';
import { addRegistry, onBothDatabases } from '../../test/support/databases.ts';
import { planOf } from '../../test/support/plans.ts';
import type { RunFilter } from '../model/index.ts';
import {
  appendToLog,
  findLostRuns,
  findRun,
  findUnsealedLogs,
  listRuns,
  readLogChunks,
  type Database,
} from './index.ts';

const runCount = 50_000;

const is = (property: Extract<RunFilter, { kind: 'compare' }>['property'], value: string): RunFilter => ({
  kind: 'compare',
  property,
  operator: 'eq',
  value,
});

onBothDatabases((database) => {
  let registryId = '';

  before(async () => {
    const { db } = database.store;
    const other = await addRegistry(database.store);
    registryId = await addRegistry(database.store);
    // One run of ten is this registry's; of 1000 runs two still run, two wait and a few failed, of 50 two have a task.
    await sql`
      insert into runs (registry_id, run_id, status, run_type, queue_name, task_name, request, platform, cpu,
        timeout_seconds, create_time, start_time, finish_time, last_updated_time, is_archive_enabled, lease_until,
        is_log_sealed)
      select case when n % 10 = 0 then ${registryId}::uuid else ${other}::uuid end, 'ca' || n,
        case when n % 1000 < 2 then 'Running' when n % 1000 < 4 then 'Queued' when n % 500 < 6 then 'Failed' else 'Succeeded' end,
        'QuickBuild', 'runs.default.linux', case when n % 50 < 2 then 'Nightly' end, '{}', '{"os":"Linux"}', 2,
        3600, now() - n * interval '1 second', now() - n * interval '1 second',
        case when n % 1000 >= 4 then now() end, now(), false,
        case when n % 1000 < 2 then now() + n * interval '1 second' end, n % 1000 <> 10
      from generate_series(1, ${runCount}::int) as n`.execute(db);
    await sql`analyze runs`.execute(db);
    const { count } = await db
      .selectFrom('runs')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    assert.equal(Number(count), runCount);
  });

  const middle = runCount / 2;
  const list = (filter?: RunFilter, beforeKey?: number) => (db: Kysely<Database>) =>
    listRuns(db, registryId, { filter, before: beforeKey, limit: 20 });
  const failed = is('status', 'failed');
  const cases: [name: string, query: (db: Kysely<Database>) => Promise<unknown>][] = [
    ['listRuns', list()],
    ['listRuns, a later page', list(undefined, middle)],
    ['listRuns of a frequent status', list(is('status', 'Succeeded'))],
    ['listRuns of a rare status', list(failed)],
    ['listRuns of a status that no run has', list(is('status', 'Timeout'))],
    ['listRuns of a status, a later page', list(failed, middle)],
    ['listRuns of a task', list(is('taskName', 'NIGHTLY'))],
    ['listRuns of a task, a later page', list(is('taskName', 'nightly'), middle)],
    ['listRuns of a task that has none', list(is('taskName', 'never'))],
    [
      'listRuns of a task and status',
      list({ kind: 'and', left: is('taskName', 'nightly'), right: failed }, middle),
    ],
    ['listRuns of a run id', list(is('runId', 'ca4242'))],
    ['findRun', (db) => findRun(db, registryId, 'ca4242')],
    ['findLostRuns', (db) => findLostRuns(db, 100)],
    ['findUnsealedLogs', (db) => findUnsealedLogs(db, 20)],
  ];
  for (const [name, query] of cases) {
    test(`${name} reads runs by an index`, async () => {
      const nodes = await planOf(database.store.db, query);
      const sequential = nodes.filter((node) => node['Node Type'].includes('Seq Scan'));
      assert.deepEqual(sequential, [], JSON.stringify(nodes, undefined, 1));
      const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
      assert.ok(indexes.length > 0, 'some index is used');
      // The order of the keys alone leads through the runs of all other registries.
      assert.ok(!indexes.includes('runs_pkey'), JSON.stringify(nodes, undefined, 1));
    });
  }

  for (const [name, query] of cases.slice(0, 4)) {
    test(`${name} sorts nothing`, async () => {
      const nodes = await planOf(database.store.db, query);
      assert.ok(
        !nodes.some((node) => node['Node Type'].includes('Sort')),
        JSON.stringify(nodes, undefined, 1),
      );
    });
  }

  test('a scan without an index would be noticed', async () => {
    const nodes = await planOf(database.store.db, (db) =>
      db.selectFrom('runs').select('run_id').where('cpu', '=', 2).execute(),
    );
    assert.ok(nodes.some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'runs'));
  });

  test('a piece of a long log is found by its key', async () => {
    const { db } = database.store;
    const runKey = 2;
    await db.transaction().execute(async (trx) => {
      for (let piece = 0; piece < 300; piece += 1) await appendToLog(trx, runKey, Buffer.alloc(10));
    });
    await sql`analyze run_log_chunks`.execute(db);
    const nodes = await planOf(db, (each) => readLogChunks(each, runKey, 2000, 2100, 8));
    assert.ok(!nodes.some((node) => node['Node Type'].includes('Seq Scan')), JSON.stringify(nodes));
  });
});
