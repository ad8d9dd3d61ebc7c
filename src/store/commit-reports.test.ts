import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from 'kysely';
import { addRegistry, addRun, onBothDatabases } from '../../test/support/databases.ts';
import type { Run, RunStatus } from '../model/index.ts';
import {
  endRun,
  insertCommitReport,
  postponeReportsOfHook,
  setPendingReported,
  setSourceHooks,
  takeDueReports,
  type CommitReport,
} from './index.ts';

const minutes = (count: number): Date => new Date(Date.UTC(2026, 0, 1, 0, count));
const commitId = 'c'.repeat(40);

onBothDatabases((database) => {
  const setHook = (registryId: string, token: string): Promise<void> =>
    database.store.db.transaction().execute(async (trx) => {
      const hook = {
        hookId: randomUUID(),
        secret: 'sealed',
        triggerName: 'source',
        providerType: 'Github',
        repositoryUrl: 'https://example.org/app.git',
        token,
        isToBeRegistered: false,
      } as const;
      await setSourceHooks(trx, registryId, 'task', [hook], minutes(0));
    });
  /** A queued run of a commit whose trigger has a token. */
  async function addReported(): Promise<Run> {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    await setHook(registryId, 'sealed token');
    const run = await addRun(database.store, registryId, {
      taskName: 'task',
      trigger: {
        kind: 'source',
        id: '1',
        eventType: 'commit',
        commitId,
        repositoryUrl: 'https://example.org/app.git',
        providerType: 'Github',
      },
    });
    const { runId } = run;
    await db.transaction().execute((trx) =>
      insertCommitReport(trx, {
        registryId,
        runId,
        taskName: 'task',
        triggerName: 'source',
        commitId,
        now: minutes(0),
      }),
    );
    return run;
  }
  const take = async ({ registryId }: Run, at: number): Promise<CommitReport[]> =>
    (await takeDueReports(database.store.db, minutes(at), minutes(at + 1), 100)).filter(
      (each) => each.registryId === registryId,
    );
  const statusesAt = async (run: Run, at: number): Promise<RunStatus[]> =>
    (await take(run, at)).map(({ runStatus }) => runStatus);
  const outcome = { status: 'Failed', errorMessage: undefined, outputImages: [], dependencies: [] } as const;
  const end = (run: Run): Promise<Run | undefined> =>
    endRun(database.store.db, run.runKey, { attempt: 0 }, { ...outcome, status: 'Canceled' }, minutes(9));

  test('a run is told when it is queued and when it ended, and nothing is looked at between', async () => {
    const run = await addReported();
    const [pending] = await take(run, 0);
    assert.equal(pending?.runStatus, 'Queued');
    // who took it may have been killed
    assert.deepEqual(await statusesAt(run, 0), []);
    assert.deepEqual(await statusesAt(run, 1), ['Queued']);
    await setPendingReported(database.store.db, pending, minutes(1));
    assert.deepEqual(await statusesAt(run, 5), []);
    await end(run);
    assert.deepEqual(await statusesAt(run, 5), ['Canceled']);
    assert.deepEqual(await statusesAt(run, 5), []);
  });

  test('the end of a run is told after what is being told, also when it comes meanwhile', async () => {
    const run = await addReported();
    const [pending] = await take(run, 0);
    assert.ok(pending);
    await end(run);
    // nobody tells the end before: it would be overtaken
    assert.deepEqual(await statusesAt(run, 0), []);
    await setPendingReported(database.store.db, pending, minutes(0));
    assert.deepEqual(await statusesAt(run, 0), ['Canceled']);
  });

  test('a provider that is down holds up the reports of its own repository only', async () => {
    const { db } = database.store;
    const [down, other] = [await addReported(), await addReported()];
    const [report] = await take(down, 0);
    assert.ok(report);
    await postponeReportsOfHook(db, report.hookId, minutes(5));
    const taken = await takeDueReports(db, minutes(4), minutes(5), 100);
    const registries = taken.map(({ registryId }) => registryId);
    assert.ok(registries.includes(other.registryId) && !registries.includes(down.registryId));
    assert.deepEqual(await statusesAt(down, 5), ['Queued']);
  });

  test('the token that a trigger has now counts, also for runs of before', async () => {
    const run = await addReported();
    await setHook(run.registryId, 'new token');
    assert.equal((await take(run, 0))[0]?.token, 'new token');
  });

  test('an end that is undone is not told', async () => {
    const run = await addReported();
    const [pending] = await take(run, 0);
    assert.ok(pending);
    await setPendingReported(database.store.db, pending, minutes(0));
    const undone = database.store.db.transaction().execute(async (trx) => {
      await endRun(trx, run.runKey, { attempt: 0 }, { ...outcome, status: 'Canceled' }, minutes(1));
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    assert.deepEqual(await statusesAt(run, 5), []);
  });

  test('an end and the word that the run is under way, at the same time on two connections', async () => {
    const second = await database.reopen();
    if (!second) return; // PGlite has one
    try {
      const run = await addReported();
      const [pending] = await take(run, 0);
      assert.ok(pending);
      const { promise: isEnded, resolve: setEnded } = Promise.withResolvers<void>();
      const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
      const ending = second.db.transaction().execute(async (trx) => {
        await endRun(trx, run.runKey, { attempt: 0 }, { ...outcome, status: 'Canceled' }, minutes(1));
        setEnded();
        await mayCommit;
      });
      await isEnded;
      const told = setPendingReported(database.store.db, pending, minutes(0)); // it waits for the row
      await untilOneWaits();
      commit();
      await Promise.all([ending, told]);
      assert.deepEqual(await statusesAt(run, 0), ['Canceled']);
    } finally {
      await second.close();
    }
  });

  async function untilOneWaits(): Promise<void> {
    for (;;) {
      const { rows } = await sql<{ count: string }>`
        select count(*) from pg_stat_activity where wait_event_type = 'Lock'`.execute(database.store.db);
      if (Number(rows[0]?.count) > 0) return;
    }
  }
});
