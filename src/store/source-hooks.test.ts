import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { addRegistry, onBothDatabases } from '../../test/support/databases.ts';
import {
  deleteRegistryRow,
  dropHooksOfRegistry,
  setHookRegistration,
  setSourceHooks,
  takeDueHooks,
  type WantedHook,
} from './index.ts';

const minutes = (count: number): Date => new Date(Date.UTC(2026, 0, 1, 0, count));

onBothDatabases((database) => {
  const hook = (triggerName: string, more: Partial<WantedHook> = {}): WantedHook => ({
    hookId: randomUUID(),
    secret: 'sealed',
    triggerName,
    providerType: 'Github',
    repositoryUrl: 'https://example.org/app.git',
    token: 'sealed token',
    isToBeRegistered: true,
    ...more,
  });
  const set = (registryId: string, hooks: WantedHook[], now: Date): Promise<void> =>
    database.store.db.transaction().execute((trx) => setSourceHooks(trx, registryId, 'Task', hooks, now));
  const take = async (registryId: string, now: Date, until: Date) =>
    (await takeDueHooks(database.store.db, now, until, 10)).filter((each) => each.registryId === registryId);

  test('a hook that is being registered is nobody else’s, whatever becomes of its task', async () => {
    const registryId = await addRegistry(database.store);
    await set(registryId, [hook('source')], minutes(0));
    const [taken] = await take(registryId, minutes(0), minutes(3));
    assert.ok(taken);
    await set(registryId, [hook('source')], minutes(1));
    assert.deepEqual(await take(registryId, minutes(1), minutes(4)), []);
    await set(registryId, [], minutes(2));
    assert.deepEqual(await take(registryId, minutes(2), minutes(5)), []);
    // at once when the provider has answered
    await setHookRegistration(database.store.db, taken.hookId, { registration: 'Registered' });
    const [gone] = await take(registryId, minutes(2), minutes(5));
    assert.deepEqual([gone?.hookId, gone?.isGone], [taken.hookId, true]);
    // who took it was killed
    assert.equal((await take(registryId, minutes(5), minutes(8))).length, 1);
  });

  test('hooks that a provider knows of are forgotten there after their registry is deleted', async () => {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    await set(registryId, [hook('known'), hook('manual', { isToBeRegistered: false })], minutes(0));
    await take(registryId, minutes(0), minutes(3));
    await db.transaction().execute(async (trx) => {
      await dropHooksOfRegistry(trx, registryId, minutes(1));
      await deleteRegistryRow(trx, registryId);
    });
    const left = await take(registryId, minutes(3), minutes(6));
    assert.deepEqual(
      left.map(({ triggerName, isGone }) => [triggerName, isGone]),
      [['known', true]],
    );
  });
});
