import { sql, type Kysely, type Selectable, type SqlBool, type Transaction } from 'kysely';
import type { Delivery, DeliveryStatus, RunTrigger } from '../model/index.ts';
import type { Database, DeliveriesTable } from './schema.ts';
import { storableJson, storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface NewDelivery {
  readonly registryId: string;
  readonly taskName: string;
  readonly triggerName: string;
  /** What makes the event one and the same when it comes again, within its task. */
  readonly eventKey: string;
  readonly trigger: RunTrigger;
  readonly now: Date;
  /** Why it starts nothing; without it, it is pending. */
  readonly ignoredBecause?: string;
  readonly redeliveryOf?: number;
  /** Of a webhook's payload, in hex: the same payload counts once, whatever its id. */
  readonly payloadDigest?: string;
}

/** Remembers an event; undefined when it came before. */
export async function insertDelivery(db: Db, delivery: NewDelivery): Promise<Delivery | undefined> {
  const row = await db
    .insertInto('deliveries')
    .values(rowOf(delivery))
    .onConflict((oc) => oc.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toDelivery(row);
}

/** Remembers any number of events; those that came before stay as they are. */
export async function insertDeliveries(db: Db, deliveries: readonly NewDelivery[]): Promise<void> {
  for (let start = 0; start < deliveries.length; start += mostAtOnce) {
    await db
      .insertInto('deliveries')
      .values(deliveries.slice(start, start + mostAtOnce).map(rowOf))
      .onConflict((oc) => oc.doNothing())
      .execute();
  }
}

/** A statement takes 65,535 values. */
const mostAtOnce = 500;

function rowOf(delivery: NewDelivery) {
  const { ignoredBecause, now } = delivery;
  return {
    registry_id: delivery.registryId,
    task_name: delivery.taskName,
    trigger_name: storableText(delivery.triggerName),
    event_key: storableText(delivery.eventKey),
    trigger: storableJson(delivery.trigger),
    status: ignoredBecause === undefined ? ('Pending' as const) : ('Ignored' as const),
    reason: ignoredBecause === undefined ? null : storableText(ignoredBecause),
    received_at: now,
    next_try_at: now,
    decided_at: ignoredBecause === undefined ? null : now,
    redelivery_of: delivery.redeliveryOf ?? null,
    payload_digest: delivery.payloadDigest ?? null,
  };
}

/** Takes pending deliveries that are due, the oldest first: they are this caller's until `until`. */
export async function takeDeliveries(db: Db, now: Date, until: Date, limit: number): Promise<Delivery[]> {
  const rows = await db
    .updateTable('deliveries')
    .set((eb) => ({ next_try_at: until, tries: eb('tries', '+', 1) }))
    .where('delivery_id', 'in', (eb) =>
      eb
        .selectFrom('deliveries')
        .select('delivery_id')
        .where('status', '=', 'Pending')
        .where('next_try_at', '<=', now)
        .orderBy('next_try_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute();
  return rows.map(toDelivery).sort((one, other) => one.deliveryId - other.deliveryId);
}

/** Decides a pending delivery, once. False when somebody else did. */
export async function decideDelivery(
  db: Db,
  deliveryId: number,
  decision:
    | { readonly status: 'Started'; readonly runId: string; readonly reason?: string }
    | { readonly status: 'Ignored' | 'Failed'; readonly reason: string },
  now: Date,
): Promise<boolean> {
  const row = await db
    .updateTable('deliveries')
    .set({
      status: decision.status,
      reason: decision.reason === undefined ? null : storableText(decision.reason),
      run_id: decision.status === 'Started' ? decision.runId : null,
      decided_at: now,
    })
    .where('delivery_id', '=', deliveryId)
    .where('status', '=', 'Pending')
    .returning('delivery_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Says why it could not be decided yet, and when it is tried again. */
export async function postponeDelivery(
  db: Db,
  deliveryId: number,
  reason: string,
  nextTryAt: Date,
): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ reason: storableText(reason), next_try_at: nextTryAt })
    .where('delivery_id', '=', deliveryId)
    .where('status', '=', 'Pending')
    .execute();
}

/** Puts a delivery off that nothing is wrong with: it does not count as a try. */
export async function holdDelivery(
  db: Db,
  deliveryId: number,
  reason: string,
  nextTryAt: Date,
): Promise<void> {
  await db
    .updateTable('deliveries')
    .set((eb) => ({ reason: storableText(reason), next_try_at: nextTryAt, tries: eb('tries', '-', 1) }))
    .where('delivery_id', '=', deliveryId)
    .where('status', '=', 'Pending')
    .execute();
}

/** Has pending deliveries tried now that were to be tried after `latest`. */
export async function hastenDeliveries(db: Db, now: Date, latest: Date): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ next_try_at: now })
    .where('status', '=', 'Pending')
    .where('next_try_at', '>', latest)
    .execute();
}

/** The pending deliveries of updated images of a task, which nobody else decides until the transaction ends. */
export async function lockImageDeliveries(
  trx: Transaction<Database>,
  registryId: string,
  taskName: string,
): Promise<Delivery[]> {
  const rows = await trx
    .selectFrom('deliveries')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where(sql<SqlBool>`lower(task_name) = ${taskName.toLowerCase()}`)
    .where('status', '=', 'Pending')
    .where(sql<SqlBool>`trigger->>'kind' = 'image'`)
    .orderBy('delivery_id')
    .forUpdate()
    .execute();
  return rows.map(toDelivery);
}

export async function findDelivery(
  db: Db,
  registryId: string,
  deliveryId: number,
): Promise<Delivery | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  return row && toDelivery(row);
}

/** Newest first; `before` is the delivery id after which the page starts. */
export async function listDeliveries(
  db: Db,
  registryId: string,
  page: {
    taskName?: string | undefined;
    status?: DeliveryStatus | undefined;
    before?: number | undefined;
    limit: number;
  },
): Promise<Delivery[]> {
  const { taskName, status, before, limit } = page;
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('registry_id', '=', registryId)
    .$if(taskName !== undefined, (query) =>
      query.where(sql<SqlBool>`lower(task_name) = ${(taskName ?? '').toLowerCase()}`),
    )
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'Pending'))
    .$if(before !== undefined, (query) => query.where('delivery_id', '<', before ?? 0))
    .orderBy('delivery_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toDelivery);
}

/** Forgets decided deliveries that came before `oldest`. @returns how many. */
export async function deleteDeliveriesBefore(db: Db, oldest: Date, limit: number): Promise<number> {
  const rows = await db
    .deleteFrom('deliveries')
    .where('delivery_id', 'in', (eb) =>
      eb
        .selectFrom('deliveries')
        .select('delivery_id')
        .where('status', '!=', 'Pending')
        .where('received_at', '<', oldest)
        .limit(limit),
    )
    .returning('delivery_id')
    .execute();
  return rows.length;
}

function toDelivery(row: Selectable<DeliveriesTable>): Delivery {
  return {
    deliveryId: row.delivery_id,
    registryId: row.registry_id,
    taskName: row.task_name,
    triggerName: row.trigger_name,
    trigger: row.trigger,
    status: row.status,
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.run_id !== null && { runId: row.run_id }),
    tries: row.tries,
    receivedAt: row.received_at,
    ...(row.decided_at && { decidedAt: row.decided_at }),
    nextTryAt: row.next_try_at,
    ...(row.redelivery_of !== null && { redeliveryOf: row.redelivery_of }),
  };
}
