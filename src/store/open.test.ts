import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { addRegistry, addRun, onBothDatabases } from '../../test/support/databases.ts';
import { findRun, notify, putSettingIfAbsent, type Topic } from './index.ts';

const longMs = 60_000; // reached only when nothing wakes the waiter

onBothDatabases((database) => {
  const db = () => database.store.db;
  const woken: string[] = [];
  const wait = (topic: Topic, key: string | number, signal?: AbortSignal) =>
    database.store.notifier
      .wait(topic, key, { timeoutMs: longMs, ...(signal && { signal }) })
      .then(() => void woken.push(`${topic}:${key}`));

  describe('waiters', () => {
    test('all of a key are woken, those of others are not', async () => {
      const others = new AbortController();
      const sleeping = [wait('log', 12, others.signal), wait('cancel', 1, others.signal)];
      const waiting = [wait('log', 1), wait('log', 1), wait('log', 1)];
      await notify(db(), 'log', 1);
      await Promise.all(waiting);
      assert.deepEqual(woken.splice(0), ['log:1', 'log:1', 'log:1']);
      others.abort();
      await Promise.all(sleeping);
      woken.length = 0;
    });

    test('are woken when the transaction commits, and never when it does not', async () => {
      const stop = new AbortController();
      const never = wait('queued', 'undone', stop.signal);
      const undone = db()
        .transaction()
        .execute(async (trx) => {
          await notify(trx, 'queued', 'undone');
          throw new Error('undo');
        });
      await assert.rejects(undone, /undo/);
      const done = wait('queued', 'done');
      await db()
        .transaction()
        .execute(async (trx) => {
          await notify(trx, 'queued', 'done');
        });
      await done;
      // What was said later has arrived, so what was said before would have.
      assert.deepEqual(woken.splice(0), ['queued:done']);
      stop.abort();
      await never;
      woken.length = 0;
    });

    test('see what woke them', async () => {
      const registryId = await addRegistry(database.store);
      const found = wait('queued', registryId).then(() => findRun(db(), registryId, 'ca1'));
      await addRun(database.store, registryId);
      await notify(db(), 'queued', registryId);
      assert.equal((await found)?.status, 'Queued');
    });

    test('go when their time is over, or their caller is', async () => {
      await database.store.notifier.wait('log', 'nothing', { timeoutMs: 1 });
      await wait('log', 'nothing', AbortSignal.abort());
      const going = new AbortController();
      const waiting = wait('log', 'nothing', going.signal);
      going.abort();
      await waiting;
    });

    test('on another server are woken too, and after its connection broke', async (t) => {
      const second = await database.reopen();
      if (!second) return t.skip('PGlite has one user');
      t.after(() => second.close());
      const heard = second.notifier.wait('log', 7, { timeoutMs: longMs });
      await notify(db(), 'log', 7);
      await heard;
      // It may have missed something meanwhile: everybody looks anew.
      const waiting = second.notifier.wait('log', 8, { timeoutMs: longMs });
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %'`.execute(
        db(),
      );
      await waiting;
      const again = second.notifier.wait('log', 9, { timeoutMs: longMs });
      await notify(db(), 'log', 9);
      await again;
    });
  });

  test('servers that start at once agree on the schema, and on a setting', async (t) => {
    const stores = await Promise.all([database.reopen(), database.reopen(), database.reopen()]);
    const opened = stores.flatMap((store) => store ?? []);
    t.after(() => Promise.all(opened.map((store) => store.close())));
    const kept = await Promise.all(
      [database.store, ...opened].map((store, number) => putSettingIfAbsent(store.db, 'colour', { number })),
    );
    for (const each of kept) assert.deepEqual(each, kept[0]);
    assert.deepEqual(await putSettingIfAbsent(db(), 'colour', { number: 99 }), kept[0]);
  });
});
