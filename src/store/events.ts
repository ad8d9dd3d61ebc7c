import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { EventSubscription, EventType, OutgoingMessage } from '../model/index.ts';
import type { Database, EventSubscriptionsTable, OutgoingMessagesTable } from './schema.ts';
import { storableJson, storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** Makes a subscription, or replaces it. @returns whether it is new. */
export async function putEventSubscription(db: Db, subscription: EventSubscription): Promise<boolean> {
  const { registryId, name, endpoint, sealedSecret, format, status } = subscription;
  const settings = {
    endpoint: storableText(endpoint),
    sealed_secret: sealedSecret,
    event_types: JSON.stringify(subscription.eventTypes),
    format,
    status,
  };
  const row = await db
    .insertInto('event_subscriptions')
    .values({ registry_id: registryId, name, name_key: name.toLowerCase(), ...settings })
    .onConflict((oc) => oc.columns(['registry_id', 'name_key']).doUpdateSet(settings))
    .returning(sql<boolean>`xmax = 0`.as('is_new'))
    .executeTakeFirstOrThrow();
  return row.is_new;
}

export async function findEventSubscription(
  db: Db,
  registryId: string,
  name: string,
): Promise<EventSubscription | undefined> {
  const row = await db
    .selectFrom('event_subscriptions')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase())
    .executeTakeFirst();
  return row && toSubscription(row);
}

/** By name; `eventType` is what those that are enabled want to hear of. */
export async function findEventSubscriptions(
  db: Db,
  registryId: string,
  eventType?: EventType,
): Promise<EventSubscription[]> {
  const rows = await db
    .selectFrom('event_subscriptions')
    .selectAll()
    .where('registry_id', '=', registryId)
    .orderBy('name_key')
    .execute();
  return rows
    .map(toSubscription)
    .filter(
      ({ status, eventTypes }) =>
        eventType === undefined || (status === 'Enabled' && eventTypes.includes(eventType)),
    );
}

/** With the messages that it still waits for. Answers whether it was there. */
export async function deleteEventSubscription(db: Db, registryId: string, name: string): Promise<boolean> {
  const row = await db
    .deleteFrom('event_subscriptions')
    .where('registry_id', '=', registryId)
    .where('name_key', '=', name.toLowerCase())
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

export type NewMessage = Pick<
  OutgoingMessage,
  'registryId' | 'subscriptionKey' | 'endpoint' | 'eventType' | 'runId' | 'body' | 'sealedToken'
>;

export async function insertMessage(db: Db, message: NewMessage, now: Date): Promise<void> {
  await db
    .insertInto('outgoing_messages')
    .values({
      registry_id: message.registryId,
      subscription_key: message.subscriptionKey ?? null,
      endpoint: message.endpoint ?? null,
      event_type: message.eventType,
      run_id: message.runId,
      body: storableJson(message.body),
      sealed_token: message.sealedToken ?? null,
      created_at: now,
      next_try_at: now,
    })
    .execute();
}

/** Whom a message is for, as one text. */
export function receiverOf(
  message: Pick<OutgoingMessage, 'registryId' | 'subscriptionKey' | 'endpoint'>,
): string {
  return `${message.registryId} ${message.subscriptionKey ?? message.endpoint ?? ''}`;
}

/**
 * Takes messages that are due: they are this caller's until `until`. Of one run to one receiver only the oldest is,
 * so that they come in order. Of one receiver so many are taken at a time, and none of those that are busy, so that
 * one that does not answer holds up nobody else.
 */
export async function takeMessages(
  db: Db,
  now: Date,
  until: Date,
  limits: { readonly all: number; readonly perReceiver: number; readonly busy: readonly string[] },
): Promise<OutgoingMessage[]> {
  const { all, perReceiver, busy } = limits;
  const { rows } = await sql<Selectable<OutgoingMessagesTable>>`
    update outgoing_messages set next_try_at = ${until}, tries = tries + 1
    where message_id in (
      select message_id from outgoing_messages
      where status = 'Pending' and next_try_at <= ${now} and message_id in (
        select message_id
        from (
          select message_id, next_try_at, row_number() over (partition by receiver order by message_id) as place
          from (
            select message.*, registry_id || ' ' || coalesce(subscription_key, endpoint, '') as receiver
            from outgoing_messages message
            where status = 'Pending' and next_try_at <= ${now} and not exists (
              select from outgoing_messages earlier
              where earlier.status = 'Pending' and earlier.registry_id = message.registry_id
                and earlier.run_id = message.run_id
                and earlier.subscription_key is not distinct from message.subscription_key
                and earlier.message_id < message.message_id)) as due
          where receiver <> all (${[...busy]}::text[])) as ranked
        where place <= ${perReceiver}::int
        order by next_try_at
        limit ${all}::int)
      for update skip locked)
    returning *`.execute(db);
  return rows.map(toMessage);
}

/** Notes how an attempt to send went; `nextTryAt` of one that is tried again. */
export async function recordSending(
  db: Db,
  messageId: number,
  outcome:
    | { readonly status: 'Sent' }
    | { readonly status: 'Failed'; readonly error: string }
    | { readonly status: 'Pending'; readonly error: string; readonly nextTryAt: Date },
  now: Date,
): Promise<void> {
  await db
    .updateTable('outgoing_messages')
    .set({
      status: outcome.status,
      ...(outcome.status !== 'Sent' && { last_error: storableText(outcome.error) }),
      ...(outcome.status === 'Pending' ? { next_try_at: outcome.nextTryAt } : { ended_at: now }),
    })
    .where('message_id', '=', messageId)
    .where('status', '=', 'Pending')
    .execute();
}

/** The newest messages of a subscription. */
export async function findMessages(
  db: Db,
  registryId: string,
  subscriptionName: string,
  limit: number,
): Promise<OutgoingMessage[]> {
  const rows = await db
    .selectFrom('outgoing_messages')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('subscription_key', '=', subscriptionName.toLowerCase())
    .orderBy('message_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toMessage);
}

/** Forgets messages that were sent, or given up, and came before `oldest`. @returns how many. */
export async function deleteMessagesBefore(db: Db, oldest: Date, limit: number): Promise<number> {
  const rows = await db
    .deleteFrom('outgoing_messages')
    .where('message_id', 'in', (eb) =>
      eb
        .selectFrom('outgoing_messages')
        .select('message_id')
        .where('status', '!=', 'Pending')
        .where('created_at', '<', oldest)
        .limit(limit),
    )
    .returning('message_id')
    .execute();
  return rows.length;
}

/** The `updateTriggerToken` that a run of the task was given last, sealed. */
export async function findUpdateTriggerToken(
  db: Db,
  registryId: string,
  taskName: string,
): Promise<string | undefined> {
  const token = sql<string | null>`request->'updateTriggerToken'->>'sealed'`;
  const row = await db
    .selectFrom('runs')
    .select(token.as('token'))
    .where('registry_id', '=', registryId)
    .where(sql<boolean>`lower(task_name) = ${taskName.toLowerCase()}`)
    .where(token, 'is not', null)
    .orderBy('run_key', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.token ?? undefined;
}

function toSubscription(row: Selectable<EventSubscriptionsTable>): EventSubscription {
  return {
    registryId: row.registry_id,
    name: row.name,
    endpoint: row.endpoint,
    sealedSecret: row.sealed_secret,
    eventTypes: row.event_types,
    format: row.format,
    status: row.status,
  };
}

function toMessage(row: Selectable<OutgoingMessagesTable>): OutgoingMessage {
  return {
    messageId: row.message_id,
    registryId: row.registry_id,
    ...(row.subscription_key !== null && { subscriptionKey: row.subscription_key }),
    ...(row.endpoint !== null && { endpoint: row.endpoint }),
    eventType: row.event_type,
    runId: row.run_id,
    body: row.body,
    ...(row.sealed_token !== null && { sealedToken: row.sealed_token }),
    status: row.status,
    tries: row.tries,
    createdAt: row.created_at,
    nextTryAt: row.next_try_at,
    ...(row.ended_at && { endedAt: row.ended_at }),
    ...(row.last_error !== null && { lastError: row.last_error }),
  };
}
