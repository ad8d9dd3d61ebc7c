import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql, type Kysely } from 'kysely';
import { addRegistry, onBothDatabases } from '../../test/support/databases.ts';
import * as baseImages from './migrations/0012-base-images.ts';
import {
  adoptDigest,
  endRest,
  findDependents,
  findTaskBaseImages,
  lockImages,
  recordPush,
  restRegistry,
  takeImages,
} from './index.ts';

onBothDatabases((database) => {
  const image = { registry: 'r.example.org', repository: 'base', tag: 'v1' };
  const now = new Date('2026-03-01T12:00:00Z');
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

  test('tasks that an older version stored are known by their images after an upgrade', async () => {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    for (const table of ['task_base_images', 'task_output_images', 'watched_images', 'outgoing_messages'])
      await sql.raw(`drop table ${table}`).execute(db);
    await sql.raw('drop table event_subscriptions').execute(db);
    const dependencies = [
      { type: 'RunTime', ...image, digest: `sha256:${'0'.repeat(64)}` },
      { type: 'RunTime', ...image, digest: `sha256:${'1'.repeat(64)}` },
      {
        type: 'BuildTime',
        ...image,
        repository: 'pinned',
        tag: undefined,
        digest: `sha256:${'0'.repeat(64)}`,
      },
    ];
    for (const [name, found] of [
      ['Nightly', dependencies],
      ['Never-ran', []],
    ] as const)
      await sql`insert into tasks (registry_id, name, name_key, location, tags, properties, system_data,
          base_image_dependencies)
        values (${registryId}, ${name}, ${name.toLowerCase()}, 'here', '{}', '{}', '{}',
          ${JSON.stringify(found)}::jsonb)`.execute(db);
    await baseImages.up(db as unknown as Kysely<unknown>); // a migration knows no tables
    assert.deepEqual(await findTaskBaseImages(db, registryId, 'nightly'), [{ type: 'RunTime', ...image }]);
    assert.deepEqual(await findTaskBaseImages(db, registryId, 'never-ran'), []);
    const [dependent] = await findDependents(db, image);
    assert.equal(dependent?.taskName, 'Nightly');
    assert.equal(dependent.digest, undefined);
    // What the image means at the first look counts as what the task was built from.
    await adoptDigest(db, image, 'sha256:first');
    assert.equal((await findDependents(db, image))[0]?.digest, 'sha256:first');
    await sql`alter table watched_images add column last_error text, add column checked_at timestamptz`.execute(
      db,
    );
    const due = await takeImages(db, 'others', 'due', later(10 * 365 * 86_400), later(10 * 366 * 86_400), 10);
    assert.deepEqual(
      due.map(({ repository }) => repository),
      ['base'],
    );
  });

  test('a registry rests as a whole, longer each time in a row, and new images of it too', async () => {
    const { db } = database.store;
    await sql`update watched_images set next_check_at = ${now}`.execute(db);
    const rest = async (at: Date): Promise<number> => {
      const until = await db
        .transaction()
        .execute((trx) => restRegistry(trx, image.registry, { fromSeconds: 60, toSeconds: 3600, now: at }));
      return (until.getTime() - at.getTime()) / 1000;
    };
    assert.equal(await rest(now), 60);
    await sql`insert into watched_images (registry, repository, tag, next_check_at)
      values (${image.registry}, 'new', 'v1', ${now})`.execute(db);
    assert.deepEqual(await takeImages(db, 'others', 'due', later(59), later(100), 10), []);
    assert.equal((await takeImages(db, 'others', 'due', later(60), later(100), 10)).length, 2);
    assert.equal(await rest(later(60)), 120);
    for (let times = 0; times < 30; times += 1) await rest(later(60));
    assert.equal(await rest(later(60)), 3600);
    await endRest(db, image.registry);
    assert.equal(await rest(later(4000)), 60);
  });

  test('two that change the same images in another order do not wait for each other', async () => {
    const { db } = database.store;
    const images = Array.from({ length: 20 }, (_, index) => ({ ...image, repository: `many/${index}` }));
    for (const each of images)
      await sql`insert into watched_images (registry, repository, tag, next_check_at)
        values (${each.registry}, ${each.repository}, ${each.tag}, ${now})`.execute(db);
    const push = (some: typeof images) =>
      db.transaction().execute(async (trx) => {
        await lockImages(trx, some);
        for (const each of some)
          await recordPush(trx, {
            ...{ image: each, digest: undefined, runKey: undefined, now },
            ...{ settleMs: 1000, longestSettleMs: 5000 },
          });
      });
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => push(index % 2 === 0 ? images : images.toReversed())),
    );
  });
});
