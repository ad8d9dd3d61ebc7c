import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test, type TestContext } from 'node:test';
import { addRegistry, addRun, onBothDatabases } from '../../test/support/databases.ts';
import { claimRun } from '../store/index.ts';
import { openQueue, type RunQueue } from './index.ts';

onBothDatabases((database) => {
  let queue: RunQueue;
  const faults: Error[] = [];
  before(async () => {
    queue = await openQueue(database.store, (error) => faults.push(error));
  });
  after(async () => {
    await queue.stop();
    assert.deepEqual(faults, []);
  });

  const db = () => database.store.db;
  const newQueue = async (): Promise<string> => {
    const name = `runs.pool-${randomUUID()}.linux`;
    await queue.ensure(name);
    return name;
  };
  const enqueue = (name: string, runKey: number) =>
    db()
      .transaction()
      .execute((trx) => queue.enqueue(trx, name, runKey));
  const take = (name: string) =>
    db()
      .transaction()
      .execute((trx) => queue.take(trx, name));

  test('runs are taken in their order, each once', async () => {
    const name = await newQueue();
    for (const runKey of [5, 3, 4]) await enqueue(name, runKey);
    assert.deepEqual([await take(name), await take(name), await take(name)], [5, 3, 4]);
    assert.equal(await take(name), undefined);
  });

  test('many agents that ask at once get different runs', async () => {
    const name = await newQueue();
    for (let runKey = 1; runKey <= 6; runKey += 1) await enqueue(name, runKey);
    const taken = await Promise.all(Array.from({ length: 8 }, () => take(name)));
    assert.deepEqual(taken.filter((runKey) => runKey !== undefined).sort(), [1, 2, 3, 4, 5, 6]);
  });

  test('queues do not mix', async () => {
    const [one, other] = [await newQueue(), await newQueue()];
    await enqueue(one, 1);
    assert.equal(await take(other), undefined);
    assert.equal(await take(one), 1);
  });

  test('a queue that is there may be made again', async (t) => {
    const name = await newQueue();
    await enqueue(name, 1);
    await queue.ensure(name);
    await (await openAgain(t)).ensure(name);
    assert.equal(await take(name), 1);
  });

  /** As the next server does on the same database. */
  async function openAgain(t: TestContext): Promise<RunQueue> {
    const again = await openQueue(database.store, (error) => faults.push(error));
    t.after(() => again.stop());
    return again;
  }

  test('a run and its ticket are there together or not at all', async () => {
    const name = await newQueue();
    const registryId = await addRegistry(database.store);
    const { runKey } = await addRun(database.store, registryId, { queueName: name });
    const undone = db()
      .transaction()
      .execute(async (trx) => {
        await queue.enqueue(trx, name, runKey);
        throw new Error('the run was not stored');
      });
    await assert.rejects(undone, /the run was not stored/);
    assert.equal(await take(name), undefined);
    await enqueue(name, runKey);
    assert.equal(await take(name), runKey);
  });

  test('a claim that fails leaves the ticket where it was', async () => {
    const name = await newQueue();
    const registryId = await addRegistry(database.store);
    const [first, second] = [
      await addRun(database.store, registryId, { queueName: name }),
      await addRun(database.store, registryId, { queueName: name }),
    ];
    await enqueue(name, first.runKey);
    await enqueue(name, second.runKey);
    const claim = (isBroken: boolean) =>
      db()
        .transaction()
        .execute(async (trx) => {
          const runKey = (await queue.take(trx, name)) ?? 0;
          const claimed = await claimRun(trx, name, runKey, randomUUID(), 60, new Date());
          if (isBroken) throw new Error('the server was killed');
          return claimed?.run;
        });
    await assert.rejects(claim(true), /the server was killed/);
    const claimed = await claim(false);
    assert.equal(claimed?.runId, first.runId, 'and its place in the order');
    assert.equal(claimed.attempt, 1);
  });

  test('a ticket that nobody sees yet is not taken', async (t) => {
    if (database.kind === 'PGlite') return t.skip('one connection: nobody can look meanwhile');
    const name = await newQueue();
    await db()
      .transaction()
      .execute(async (trx) => {
        await queue.enqueue(trx, name, 1);
        assert.equal(await take(name), undefined);
      });
    assert.equal(await take(name), 1);
  });

  test('a queue that was never made is an error, and holds nobody up', async () => {
    const name = `runs.${randomUUID()}.linux`;
    await assert.rejects(enqueue(name, 1), Error);
    await assert.rejects(take(name), Error);
    await queue.ensure(name);
    await enqueue(name, 1);
    assert.equal(await take(name), 1);
  });

  test('the next server knows the queues of the one before', async (t) => {
    const name = await newQueue();
    await enqueue(name, 1);
    const next = await openAgain(t);
    await db()
      .transaction()
      .execute((trx) => next.enqueue(trx, name, 2));
    const taken = () =>
      db()
        .transaction()
        .execute((trx) => next.take(trx, name));
    assert.deepEqual([await taken(), await taken()], [1, 2]);
  });
});
