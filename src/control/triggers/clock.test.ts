import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { addRegistry, onBothDatabases } from '../../../test/support/databases.ts';
import { insertDelivery, setSourceHooks, takeDeliveries, takeDueHooks } from '../../store/index.ts';
import { mendTimes } from './clock.ts';

const now = new Date('2026-01-01T00:00:00Z');
const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000);
const inAYear = minutes(365 * 24 * 60);

onBothDatabases((database) => {
  test('what was received and taken when the clock was far ahead does not wait for that time', async () => {
    const { db } = database.store;
    const registryId = await addRegistry(database.store);
    const event = (eventKey: string, at: Date) =>
      insertDelivery(db, {
        registryId,
        taskName: 'task',
        triggerName: 't',
        eventKey,
        trigger: { kind: 'timer', timerTriggerName: 't', scheduleOccurrence: at.toISOString() },
        now: at,
      });
    const ahead = await event('ahead', inAYear);
    await event('put off', minutes(4));
    const hook = {
      hookId: randomUUID(),
      secret: 'sealed',
      triggerName: 'source',
      providerType: 'Github',
      repositoryUrl: 'https://example.org/app.git',
      token: 'sealed token',
      isToBeRegistered: true,
    } as const;
    await db.transaction().execute((trx) => setSourceHooks(trx, registryId, 'task', [hook], inAYear));
    await takeDueHooks(db, 'new', inAYear, inAYear, 10); // and was killed
    assert.deepEqual(await takeDeliveries(db, now, minutes(1), 10), []);

    await mendTimes({ store: database.store, now: () => now });
    const taken = await takeDeliveries(db, now, minutes(1), 10);
    assert.deepEqual(
      taken.map(({ deliveryId }) => deliveryId),
      [ahead?.deliveryId],
    );
    const hooks = await takeDueHooks(db, 'new', now, minutes(1), 10);
    assert.deepEqual(
      hooks.map(({ hookId }) => hookId),
      [hook.hookId],
    );
  });
});
