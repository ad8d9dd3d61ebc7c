import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { addRegistry, addRun, onBothDatabases } from '../../test/support/databases.ts';
import type { FinalRunStatus } from '../model/index.ts';
import {
  claimRun,
  countQueuedBefore,
  endRun,
  expireLeasesOf,
  extendLease,
  findLostRuns,
  findRun,
  findStartedRun,
  isEndedBy,
  renewLeases,
  requestCancel,
  requeueRun,
  upsertAgent,
  type LeaseHolder,
  type Outcome,
} from './index.ts';

const now = new Date(); // the database goes by its own clock
const leaseSeconds = 60;
const outcomeOf = (status: FinalRunStatus, errorMessage?: string): Outcome => ({
  status,
  errorMessage,
  outputImages: [{ registry: 'localhost:5001', repository: 'app', tag: 'v1', digest: 'sha256:aa' }],
  dependencies: [],
});

onBothDatabases((database) => {
  const db = () => database.store.db;
  const newRun = async () => addRun(database.store, await addRegistry(database.store));
  const claim = (
    runKey: number,
    agentId: string,
    seconds = leaseSeconds,
    at = now,
    queueName = 'runs.default.linux',
  ) =>
    db()
      .transaction()
      .execute((trx) => claimRun(trx, queueName, runKey, agentId, seconds, at));
  const requeue = (holder: LeaseHolder) =>
    db()
      .transaction()
      .execute((trx) => requeueRun(trx, holder, now));
  /** A run that a new agent holds. */
  const held = async (seconds = leaseSeconds, at = now): Promise<LeaseHolder & { agentId: string }> => {
    const { runKey } = await newRun();
    const agentId = randomUUID();
    const claimed = await claim(runKey, agentId, seconds, at);
    return { runKey, agentId, attempt: claimed?.run.attempt ?? 0 };
  };
  const statusOf = async ({ runKey }: { runKey: number }) =>
    (await db().selectFrom('runs').selectAll().where('run_key', '=', runKey).executeTakeFirstOrThrow())
      .status;
  const isLost = async ({ runKey }: { runKey: number }) =>
    (await findLostRuns(db(), 10_000)).some((run) => run.runKey === runKey);

  describe('claim', () => {
    test('gives a queued run as the next attempt, with its request', async () => {
      const registryId = await addRegistry(database.store);
      const { runKey, runId } = await addRun(database.store, registryId, { request: { some: ['thing'] } });
      const claimed = await claim(runKey, randomUUID());
      assert.deepEqual(claimed?.request, { some: ['thing'] });
      assert.equal(claimed.run.attempt, 1);
      const found = await findRun(db(), registryId, runId.toUpperCase());
      assert.deepEqual(found, claimed.run);
      assert.equal(found.status, 'Started');
      assert.deepEqual(found.startTime, now);
    });

    test('of many at once gives it to one', async () => {
      const { runKey } = await newRun();
      const claims = await Promise.all(Array.from({ length: 8 }, () => claim(runKey, randomUUID())));
      assert.equal(claims.filter(Boolean).length, 1);
      assert.equal(await claim(runKey, randomUUID()), undefined);
    });

    test('is undone with its transaction', async () => {
      const { runKey } = await newRun();
      const failing = db()
        .transaction()
        .execute(async (trx) => {
          assert.ok(await claimRun(trx, 'runs.default.linux', runKey, randomUUID(), leaseSeconds, now));
          throw new Error('the agent is gone');
        });
      await assert.rejects(failing, /the agent is gone/);
      assert.equal((await claim(runKey, randomUUID()))?.run.attempt, 1);
    });

    test('that was not answered is found again until the agent begins', async () => {
      const holder = await held(-10);
      assert.ok(await isLost(holder));
      const found = await findStartedRun(db(), holder.agentId, leaseSeconds);
      assert.equal(found?.run.runKey, holder.runKey);
      assert.equal(await isLost(holder), false, 'its lease began anew');
      assert.ok(await extendLease(db(), holder, leaseSeconds));
      assert.equal(await findStartedRun(db(), holder.agentId, leaseSeconds), undefined);
      assert.equal(await findStartedRun(db(), randomUUID(), leaseSeconds), undefined);
    });
  });

  describe('a holder', () => {
    const strangers: [name: string, change: (holder: LeaseHolder) => LeaseHolder][] = [
      ['another agent', (holder) => ({ ...holder, agentId: randomUUID() })],
      ['an earlier attempt', (holder) => ({ ...holder, attempt: holder.attempt - 1 })],
      ['a later attempt', (holder) => ({ ...holder, attempt: holder.attempt + 1 })],
      ['the holder of another run', (holder) => ({ ...holder, runKey: holder.runKey + 1000 })],
    ];
    for (const [name, change] of strangers) {
      test(`is not ${name}`, async () => {
        const holder = await held();
        const stranger = change(holder);
        assert.equal(await extendLease(db(), stranger, leaseSeconds), undefined);
        const ended = await endRun(db(), stranger.runKey, stranger, outcomeOf('Succeeded'), now);
        assert.equal(ended, undefined);
        assert.equal(await statusOf(holder), 'Started');
      });
    }

    test('begins with its first sign of life', async () => {
      const holder = await held();
      assert.equal(await statusOf(holder), 'Started');
      for (const _time of [1, 2]) {
        assert.ok(await extendLease(db(), holder, leaseSeconds));
        assert.equal(await statusOf(holder), 'Running');
      }
    });

    test('keeps its run by extending the lease, and loses it by silence', async () => {
      const holder = await held(-10);
      assert.ok(await isLost(holder));
      assert.deepEqual(await extendLease(db(), holder, leaseSeconds), { isCancelRequested: false });
      assert.equal(await isLost(holder), false);
      await extendLease(db(), holder, -10);
      assert.ok(await isLost(holder));
    });

    test('hears that its run is to be canceled', async () => {
      const holder = await held();
      const requested = await requestCancel(db(), holder.runKey, now);
      assert.equal(requested?.isCancelRequested, true);
      assert.deepEqual(await extendLease(db(), holder, leaseSeconds), { isCancelRequested: true });
      assert.equal(await statusOf(holder), 'Running', 'the agent ends it');
    });

    test('that goes on past the timeout of its run has lost it', async () => {
      const started = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000);
      const [overdue, inTime] = [
        await held(leaseSeconds, started(3700)),
        await held(leaseSeconds, started(3600)),
      ];
      assert.equal(await isLost(overdue), true);
      assert.equal(await isLost(inTime), false, 'a minute is left to report');
    });
  });

  describe('the end', () => {
    for (const status of ['Succeeded', 'Failed', 'Canceled', 'Error', 'Timeout'] as const) {
      test(`${status} comes once, whoever repeats it`, async () => {
        const holder = await held();
        const ended = await endRun(db(), holder.runKey, holder, outcomeOf(status, 'why'), now);
        assert.equal(ended?.status, status);
        assert.equal(ended.runErrorMessage, 'why');
        assert.deepEqual(ended.finishTime, now);
        assert.equal(ended.outputImages[0]?.digest, 'sha256:aa');
        assert.equal(await isEndedBy(db(), holder), true);
        const later = new Date(now.getTime() + 1000);
        for (const other of [status, 'Failed', 'Succeeded'] as const) {
          assert.equal(await endRun(db(), holder.runKey, holder, outcomeOf(other), later), undefined);
        }
        assert.equal(await statusOf(holder), status);
        assert.equal(await extendLease(db(), holder, leaseSeconds), undefined);
        assert.equal(await requestCancel(db(), holder.runKey, now), undefined);
        assert.equal(await claim(holder.runKey, holder.agentId), undefined);
        assert.equal(await requeue(holder), undefined);
        assert.equal(await isLost(holder), false);
      });
    }

    test('of many that are reported at once is one', async () => {
      const holder = await held();
      const ends = await Promise.all(
        (['Succeeded', 'Failed', 'Timeout', 'Error'] as const).map((status) =>
          endRun(db(), holder.runKey, holder, outcomeOf(status), now),
        ),
      );
      const [only, ...more] = ends.flatMap((run) => run ?? []);
      assert.equal(more.length, 0);
      assert.equal(await statusOf(holder), only?.status);
    });

    test('a queued run may be canceled or fail, but cannot succeed', async () => {
      for (const [status, isPossible] of [
        ['Succeeded', false],
        ['Failed', false],
        ['Timeout', false],
        ['Canceled', true],
        ['Error', true],
      ] as const) {
        const run = await newRun();
        const ended = await endRun(db(), run.runKey, { attempt: 0 }, outcomeOf(status), now);
        assert.equal(ended !== undefined, isPossible, status);
        assert.equal(await isEndedBy(db(), { ...run, agentId: randomUUID() }), false);
      }
    });
  });

  describe('a lost run', () => {
    test('is queued again, and what its agent still sends is refused', async () => {
      const first = await held(-10);
      assert.deepEqual(await requeue(first), { queueName: 'runs.default.linux' });
      assert.equal(await statusOf(first), 'Queued');
      assert.equal(await requeue(first), undefined, 'once');
      assert.equal(await extendLease(db(), first, leaseSeconds), undefined);
      const late = () => endRun(db(), first.runKey, first, outcomeOf('Succeeded'), now);
      assert.equal(await late(), undefined);

      const second = await claim(first.runKey, first.agentId);
      assert.equal(second?.run.attempt, 2);
      assert.equal(await late(), undefined, 'the same agent, but its earlier attempt');
      assert.equal(await requeue(first), undefined, 'nor is the second attempt lost for the first');
      assert.equal(await isEndedBy(db(), first), false);
      const holder = { ...first, attempt: 2 };
      assert.ok(await endRun(db(), first.runKey, holder, outcomeOf('Succeeded'), now));
      assert.equal(await isEndedBy(db(), holder), true);
      assert.equal(await isEndedBy(db(), first), false);
    });

    test('of many servers that notice one queues it', async () => {
      const holder = await held(-10);
      const requeued = await Promise.all(Array.from({ length: 6 }, () => requeue(holder)));
      assert.equal(requeued.filter(Boolean).length, 1);
    });

    test('is known at once when its agent is known to be dead', async () => {
      const [dead, alive] = [await held(), await held()];
      const instances = await Promise.all(
        [dead, alive].map(async ({ agentId }) => {
          const place = { pool: 'default', poolId: undefined, os: 'Linux', architecture: 'amd64' };
          const agent = { agentId, name: 'a', ...place };
          return upsertAgent(db(), { ...agent, instanceId: randomUUID() }, 'hash');
        }),
      );
      await expireLeasesOf(db(), []);
      assert.equal(await isLost(dead), false);
      await expireLeasesOf(db(), [instances[0]?.instanceId ?? '']);
      assert.equal(await isLost(dead), true);
      assert.equal(await isLost(alive), false);
      await renewLeases(db(), leaseSeconds);
      assert.equal(await isLost(dead), false, 'a server that was away gives every lease its length anew');
    });
  });

  test('run ids of a registry grow without gaps, also when many are made at once', async () => {
    const registryId = await addRegistry(database.store);
    const runs = await Promise.all(Array.from({ length: 12 }, () => addRun(database.store, registryId)));
    const numbers = runs.map(({ runId }) => Number(runId.slice(2))).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });

  test('a run knows how many wait before it in its queue', async () => {
    const registryId = await addRegistry(database.store);
    const queueName = `runs.pool-${randomUUID()}.linux`;
    const [first, second, third] = [
      await addRun(database.store, registryId, { queueName }),
      await addRun(database.store, registryId, { queueName }),
      await addRun(database.store, registryId, { queueName }),
    ];
    await addRun(database.store, registryId, { queueName: `${queueName}.other` });
    assert.equal(await countQueuedBefore(db(), third), 2);
    assert.equal(await claim(first.runKey, randomUUID()), undefined, 'it waits in another queue');
    await claim(first.runKey, randomUUID(), leaseSeconds, now, queueName);
    assert.equal(await countQueuedBefore(db(), third), 1);
    assert.equal(await countQueuedBefore(db(), second), 0);
  });
});
