import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { sql, type Kysely } from 'kysely';
import { addRegistry, onBothDatabases } from '../../test/support/databases.ts';
import { planOf } from '../../test/support/plans.ts';
import type { DeliveryStatus } from '../model/index.ts';
import {
  deleteDeliveriesBefore,
  deleteMessagesBefore,
  findDelivery,
  findEventSubscriptions,
  findHookWithTask,
  findMessages,
  findSourceHooks,
  findTimersPauseMs,
  findVaultSecret,
  findVaultSecrets,
  hastenDeliveries,
  listDeliveries,
  lockImageDeliveries,
  postponeReportsOfHook,
  recordForeignPushes,
  takeDeliveries,
  takeDueHooks,
  takeDueReports,
  takeDueTimers,
  takeDueTimersOf,
  takeImages,
  takeMessages,
  takeTimersSetAhead,
  type Database,
} from './index.ts';

const rowCount = 20_000;

onBothDatabases((database) => {
  let registryId = '';
  const hookId = randomUUID();

  /** One row of 50 is this registry's, of its tasks `task0` and `task50`; few are pending or due. */
  before(async () => {
    const { db } = database.store;
    const other = await addRegistry(database.store);
    registryId = await addRegistry(database.store);
    const owner = sql`case when n % 50 = 0 then ${registryId}::uuid else ${other}::uuid end`;
    const isRare = sql`n % 1000 = 0`;
    const soon = sql`now() + (n - 20) * interval '1 minute'`;
    const rows = sql`from generate_series(1, ${rowCount}::int) as n`;
    await sql`insert into tasks (registry_id, name, name_key, location, tags, properties, system_data)
      select ${owner}, 'task' || n, 'task' || n, 'here', '{}', '{}', '{}' ${rows}`.execute(db);
    await sql`insert into deliveries (registry_id, task_name, trigger_name, event_key, trigger, status,
        received_at, next_try_at)
      select ${owner}, 'Task' || n % 100, 't', 'event ' || n, '{"kind":"image"}',
        case when ${isRare} then 'Pending' else 'Started' end, ${soon}, ${soon} ${rows}`.execute(db);
    await sql`insert into task_timers (registry_id, task_key, name, schedule, next_occurrence)
      select ${owner}, 'task' || n, 't', '* * * * *', ${soon} ${rows}`.execute(db);
    await sql`insert into source_hooks (hook_id, registry_id, task_key, trigger_name, source_control_type,
        repository_url, secret, registration, is_gone, next_try_at)
      select case when n = 50 then ${hookId}::uuid else gen_random_uuid() end, ${owner}, 'task' || n, 't', 'Github',
        'https://example.org/a', '', case when ${isRare} then 'Pending' else 'Registered' end, n % 1000 = 1, ${soon}
        ${rows}`.execute(db);
    // tens of thousands of runs wait, of which few are still to be told
    await sql`insert into runs (registry_id, run_id, status, run_type, queue_name, request, platform, cpu,
        timeout_seconds, create_time, last_updated_time, is_archive_enabled)
      select ${owner}, 'ca' || n, 'Queued', 'AutoRun', 'linux', '{}', '{}', 2, 3600, now(), now(), false
      ${rows}`.execute(db);
    await sql`insert into commit_reports (registry_id, run_id, hook_id, task_key, source_control_type, repository_url,
        token, commit_id, is_pending_reported, has_ended, next_try_at)
      select ${owner}, 'ca' || n, gen_random_uuid(), 'task' || n, 'Github', 'https://example.org/a', '', '',
        not ${isRare}, n % 1000 = 1, now() - interval '1 hour' ${rows}`.execute(db);
    await sql`insert into event_subscriptions
      select ${owner}, 'name' || n, 'name' || n, 'https://example.org', '', '[]', 'Slipway', 'Enabled'
      ${rows}`.execute(db);
    await sql`insert into outgoing_messages (registry_id, subscription_key, event_type, run_id, body, status,
        created_at, next_try_at)
      select ${owner}, case when n % 50 = 0 then 'name' || n % 200 / 50 * 50 + 50 end, 'RunQueued', 'ca' || n, '{}',
        case when ${isRare} then 'Pending' else 'Sent' end, ${soon}, ${soon} ${rows}`.execute(db);
    await sql`insert into vault_secrets (registry_id, vault, name, name_key, version, sealed_value, created_at)
      select ${owner}, 'vault' || n % 20, 'name' || n / 100, 'name' || n / 100, n, '', now() ${rows}`.execute(
      db,
    );
    await sql`insert into watched_images
      select case when n % 10 = 0 then 'localhost:1' else 'example.org' end, 'app' || n, 'v1', ${soon}
      ${rows}`.execute(db);
    await sql`analyze`.execute(db);
  });

  const now = new Date();
  const listed = (task?: string, beforeId?: number) => (db: Kysely<Database>) =>
    listDeliveries(db, registryId, { taskName: task, before: beforeId, limit: 20 });
  const withStatus = (status: DeliveryStatus, beforeId?: number) => (db: Kysely<Database>) =>
    listDeliveries(db, registryId, { status, before: beforeId, limit: 20 });
  const inAYear = new Date(now.getTime() + 365 * 24 * 3600 * 1000);
  const secrets = (afterName?: string) => (db: Kysely<Database>) =>
    findVaultSecrets(db, registryId, 'vault10', { after: afterName, limit: 20 });
  const cases: [name: string, query: (db: Kysely<Database>) => Promise<unknown>, index: string][] = [
    ['listDeliveries', listed(), 'deliveries_newest'],
    ['listDeliveries, a later page', listed(undefined, rowCount / 2), 'deliveries_newest'],
    ['listDeliveries of a task', listed('task50'), 'deliveries_by_task'],
    ['listDeliveries of a task, a later page', listed('task50', rowCount / 2), 'deliveries_by_task'],
    ['listDeliveries of a task that has none', listed('never'), 'deliveries_by_task'],
    ['listDeliveries of a status', withStatus('Failed'), 'deliveries_by_status'],
    ['listDeliveries of a status, a later page', withStatus('Failed', rowCount / 2), 'deliveries_by_status'],
    ['hastenDeliveries', (db) => hastenDeliveries(db, now, inAYear), 'deliveries_pending'],
    ['findDelivery', (db) => findDelivery(db, registryId, 4710), 'deliveries_newest'],
    ['takeDeliveries', (db) => takeDeliveries(db, now, now, 20), 'deliveries_pending'],
    [
      'lockImageDeliveries',
      (db) => db.transaction().execute((trx) => lockImageDeliveries(trx, registryId, 'task50')),
      'deliveries_waiting',
    ],
    ['deleteDeliveriesBefore', (db) => deleteDeliveriesBefore(db, now, 20), 'deliveries_old'],
    ['takeDueTimers', (db) => db.transaction().execute((trx) => takeDueTimers(trx, 20)), 'task_timers_due'],
    [
      'takeDueTimersOf',
      (db) => db.transaction().execute((trx) => takeDueTimersOf(trx, registryId, 'task50')),
      'task_timers_pkey',
    ],
    [
      'takeTimersSetAhead',
      (db) => db.transaction().execute((trx) => takeTimersSetAhead(trx, 60, 20)),
      'task_timers_set',
    ],
    ['findTimersPauseMs', findTimersPauseMs, 'task_timers_due'],
    ['postponeReportsOfHook', (db) => postponeReportsOfHook(db, hookId, now), 'commit_reports_of_hook'],
    ['takeDueReports', (db) => takeDueReports(db, now, now, 20), 'commit_reports_due'],
    ['findSourceHooks', (db) => findSourceHooks(db, registryId, 'task50'), 'source_hooks_of_task'],
    ['findHookWithTask', (db) => findHookWithTask(db, hookId), 'source_hooks_pkey'],
    ['takeDueHooks, new ones', (db) => takeDueHooks(db, 'new', now, now, 20), 'source_hooks_due'],
    ['takeDueHooks, known ones', (db) => takeDueHooks(db, 'known', now, now, 20), 'source_hooks_to_check'],
    ['findEventSubscriptions', (db) => findEventSubscriptions(db, registryId), 'event_subscriptions_pkey'],
    ['findMessages', (db) => findMessages(db, registryId, 'name50', 20), 'outgoing_messages_newest'],
    [
      'takeMessages',
      (db) => takeMessages(db, now, now, { all: 20, perReceiver: 4, busy: [] }),
      'outgoing_messages_due',
    ],
    ['deleteMessagesBefore', (db) => deleteMessagesBefore(db, now, 20), 'outgoing_messages_old'],
    ['findVaultSecrets', secrets(), 'vault_secrets_by_name'],
    ['findVaultSecrets, a later page', secrets('name150'), 'vault_secrets_by_name'],
    [
      'findVaultSecret',
      (db) => findVaultSecret(db, { registryId, vault: 'vault10', name: 'name150' }),
      'vault_secrets_by_name',
    ],
    [
      'recordForeignPushes',
      (db) =>
        db.transaction().execute((trx) =>
          recordForeignPushes(trx, [{ repository: 'app50', tag: 'v1' }], {
            now,
            settleMs: 1,
            longestSettleMs: 1,
          }),
        ),
      'watched_images_by_name',
    ],
    [
      'takeImages of this deployment',
      (db) => takeImages(db, 'own', 'due', now, now, 20),
      'watched_images_due',
    ],
    ['takeImages of others', (db) => takeImages(db, 'others', 'due', now, now, 20), 'watched_images_due'],
  ];
  const small = ['registries', 'resource_groups', 'resting_registries'];
  for (const [name, query, index] of cases) {
    test(`${name} goes by ${index}`, async () => {
      const nodes = await planOf(database.store.db, query);
      const sequential = nodes.filter(
        (node) => node['Node Type'].includes('Seq Scan') && !small.includes(node['Relation Name'] ?? ''),
      );
      assert.deepEqual(sequential, [], JSON.stringify(nodes, undefined, 1));
      const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
      assert.ok(indexes.includes(index), JSON.stringify(nodes, undefined, 1));
    });
  }

  test('what is told of runs costs what there is to tell, not what waits', async () => {
    const nodes = await planOf(database.store.db, (db) => takeDueReports(db, now, now, 20));
    const looked = nodes.filter((node) => node['Relation Name'] === 'commit_reports');
    assert.ok(looked.length > 0);
    const most = Math.max(...looked.map((node) => node['Plan Rows']));
    assert.ok(most <= 200, JSON.stringify(nodes, undefined, 1));
  });
});
