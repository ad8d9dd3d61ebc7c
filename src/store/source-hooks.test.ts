import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { addRegistry, onBothDatabases } from '../../test/support/databases.ts';
import {
  deleteRegistryRow,
  dropHooksOfRegistry,
  setHookRegistration,
  setMovedHooksDue,
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
  const take = async (registryId: string, now: Date, until: Date) => {
    const { db } = database.store;
    const taken = [
      await takeDueHooks(db, 'new', now, until, 100),
      await takeDueHooks(db, 'known', now, until, 100),
    ];
    return taken.flat().filter((each) => each.registryId === registryId);
  };

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
    await setHookRegistration(database.store.db, taken, { registration: 'Registered' });
    const [gone] = await take(registryId, minutes(2), minutes(5));
    assert.deepEqual([gone?.hookId, gone?.isGone], [taken.hookId, true]);
    // who took it was killed
    assert.equal((await take(registryId, minutes(5), minutes(8))).length, 1);
  });

  test('a hook that is registered is looked for when its task is saved, and when it is time', async () => {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    const wanted = hook('source');
    await set(registryId, [wanted], minutes(0));
    const [first] = await take(registryId, minutes(0), minutes(3));
    assert.ok(first);
    await setHookRegistration(db, first, { registration: 'Registered', nextTryAt: minutes(360) });
    assert.deepEqual(await take(registryId, minutes(359), minutes(362)), []);
    const [checked] = await take(registryId, minutes(360), minutes(363));
    assert.equal(checked?.registration, 'Registered');
    await setHookRegistration(db, checked, { registration: 'Registered', nextTryAt: minutes(720) });
    await set(registryId, [wanted], minutes(400));
    const [saved] = await take(registryId, minutes(400), minutes(403));
    assert.equal(saved?.registration, 'Registered');
    await setHookRegistration(db, saved, { registration: 'Registered', nextTryAt: minutes(760) });
    // a trigger that is disabled has no need of it
    await set(registryId, [{ ...wanted, isToBeRegistered: false }], minutes(410));
    assert.deepEqual(await take(registryId, minutes(9999), minutes(9999)), []);
  });

  test('what was found out with an earlier token does not count', async () => {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    await set(registryId, [hook('source', { token: 'of yesterday' })], minutes(0));
    const [taken] = await take(registryId, minutes(0), minutes(3));
    assert.ok(taken);
    await set(registryId, [hook('source', { token: 'of today' })], minutes(1));
    await setHookRegistration(db, taken, { registration: 'Failed', error: 'it does not take the token' });
    const [again] = await take(registryId, minutes(1), minutes(4));
    assert.deepEqual([again?.registration, again?.token], ['Pending', 'of today']);
    assert.equal(again?.registrationError, undefined);
  });

  test('a server with another URL looks for the hooks that providers know under its earlier one', async () => {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    await set(registryId, [hook('moved'), hook('stayed')], minutes(0));
    for (const taken of await take(registryId, minutes(0), minutes(3))) {
      const host = taken.triggerName === 'moved' ? 'old' : 'new';
      const registeredUrl = `https://${host}.example.org/hooks/v1/${taken.hookId}`;
      const nextTryAt = minutes(360);
      await setHookRegistration(db, taken, { registration: 'Registered', registeredUrl, nextTryAt });
    }
    await setMovedHooksDue(db, 'https://new.example.org/hooks/v1/', minutes(5));
    const due = await take(registryId, minutes(5), minutes(8));
    assert.deepEqual(
      due.map(({ triggerName }) => triggerName),
      ['moved'],
    );
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
