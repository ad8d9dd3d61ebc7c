import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from 'kysely';
import { addRegistry, onBothDatabases } from '../../../test/support/databases.ts';
import type { Task } from '../../spec/index.ts';
import { listDeliveries } from '../../store/index.ts';
import { fireTimers, keepTimers } from './timers.ts';

const schedule = '0 4 * * *';
const dayMs = 24 * 3600 * 1000;

/** Timers go by the database's clock; here it is the rows that are moved, as if it had run ahead or been put back. */
onBothDatabases((database) => {
  const isDue = new Date(Math.floor((Date.now() - 4 * 3600 * 1000) / dayMs) * dayMs + 4 * 3600 * 1000);
  const comesNext = new Date(isDue.getTime() + dayMs);
  const inAYear = new Date(isDue.getTime() + 365 * dayMs);

  async function addTimer(row: { next: Date; setAt?: Date; last?: Date }): Promise<string> {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    await sql`insert into tasks (registry_id, name, name_key, location, tags, properties, system_data)
      values (${registryId}, 'Task', 'task', 'here', '{}', '{}', '{}')`.execute(db);
    await sql`insert into task_timers (registry_id, task_key, name, schedule, next_occurrence, set_at, last_occurrence)
      values (${registryId}, 'task', 't', ${schedule}, ${row.next}, ${row.setAt ?? isDue}, ${row.last ?? null})`.execute(
      db,
    );
    return registryId;
  }
  /** A server looks, whose own clock may be what it likes. */
  const look = (serverTime = new Date()): Promise<number> =>
    fireTimers({ store: database.store, now: () => serverTime });
  async function firedOf(registryId: string): Promise<string[]> {
    const page = { taskName: undefined, before: undefined, limit: 100 };
    const found = await listDeliveries(database.store.db, registryId, page);
    return found.map(({ trigger }) => (trigger.kind === 'timer' ? trigger.scheduleOccurrence : ''));
  }
  async function timerOf(registryId: string) {
    return database.store.db
      .selectFrom('task_timers')
      .selectAll()
      .where('registry_id', '=', registryId)
      .executeTakeFirstOrThrow();
  }

  test('what is due is fired, and the timer waits for the next', async () => {
    const registryId = await addTimer({ next: isDue });
    await look();
    assert.deepEqual(await firedOf(registryId), [isDue.toISOString()]);
    const timer = await timerOf(registryId);
    assert.deepEqual([timer.next_occurrence, timer.last_occurrence], [comesNext, isDue]);
    await look();
    assert.equal((await firedOf(registryId)).length, 1);
  });

  test('a server whose own clock is wrong fires nothing too early, and nothing too late', async () => {
    const registryId = await addTimer({ next: comesNext });
    await look(inAYear);
    assert.deepEqual(await firedOf(registryId), []);
    const due = await addTimer({ next: isDue });
    await look(new Date(0));
    assert.deepEqual(await firedOf(due), [isDue.toISOString()]);
  });

  test('a timer that was set when the clock was far ahead comes at its time again', async () => {
    const next = new Date(inAYear.getTime() + dayMs);
    const registryId = await addTimer({ next, setAt: inAYear, last: inAYear });
    await look();
    assert.deepEqual((await timerOf(registryId)).next_occurrence, comesNext);
    assert.deepEqual(await firedOf(registryId), []);
    // and a clock that is put right by seconds changes nothing
    const soon = await addTimer({ next, setAt: new Date(Date.now() + 20_000) });
    await look();
    assert.deepEqual((await timerOf(soon)).next_occurrence, next);
  });

  test('what was fired when the clock was ahead is not fired again when its time comes', async () => {
    const registryId = await addTimer({ next: isDue });
    await look(); // as if that had been by the clock that was ahead
    await sql`update task_timers set next_occurrence = ${isDue}, last_occurrence = ${inAYear}
      where registry_id = ${registryId}`.execute(database.store.db);
    await look();
    assert.deepEqual(await firedOf(registryId), [isDue.toISOString()]);
    assert.deepEqual((await timerOf(registryId)).next_occurrence, comesNext);
  });

  test('a clock that was put back and forth fires nothing again, also when the delivery is forgotten', async () => {
    const next = new Date(isDue.getTime() - 100 * dayMs);
    const registryId = await addTimer({ next, setAt: next, last: isDue });
    await look();
    assert.deepEqual(await firedOf(registryId), []);
    assert.deepEqual((await timerOf(registryId)).next_occurrence, comesNext);
  });

  test('what was due when a task is changed is an event still', async () => {
    const registryId = await addTimer({ next: isDue });
    const changed = {
      status: 'Enabled',
      trigger: { timerTriggers: [{ name: 't', schedule: '0 5 * * *', status: 'Enabled' }] },
    } as unknown as Task['properties']; // of a task all that timers go by
    await database.store.db
      .transaction()
      .execute((trx) => keepTimers({ now: () => new Date() }, trx, registryId, 'Task', changed));
    assert.deepEqual(await firedOf(registryId), [isDue.toISOString()]);
    const { schedule: kept, next_occurrence: next } = await timerOf(registryId);
    assert.equal(kept, '0 5 * * *');
    assert.equal(next.getUTCHours(), 5);
    await look();
    assert.equal((await firedOf(registryId)).length, 1);
  });

  test('hundreds that are due at once are fired once by two servers', async () => {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    await sql`insert into tasks (registry_id, name, name_key, location, tags, properties, system_data)
      select ${registryId}, 'task' || n, 'task' || n, 'here', '{}', '{}', '{}' from generate_series(1, 300) as n`.execute(
      db,
    );
    await sql`insert into task_timers (registry_id, task_key, name, schedule, next_occurrence)
      select ${registryId}, 'task' || n, ${randomUUID()}, ${schedule}, ${isDue} from generate_series(1, 300) as n`.execute(
      db,
    );
    const second = await database.reopen();
    try {
      const others = second ? [fireTimers({ store: second, now: () => new Date() })] : [];
      await Promise.all([look(), ...others]);
    } finally {
      await second?.close();
    }
    const { rows } = await sql<{ count: string }>`
      select count(*) from deliveries where registry_id = ${registryId}`.execute(db);
    assert.equal(Number(rows[0]?.count), 300);
  });
});
