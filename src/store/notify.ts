import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import { channel, type Topic } from './notifier.ts';
import type { Database } from './schema.ts';

/** Says what changed to every server; in a transaction, when it commits. */
export async function notify(
  db: Kysely<Database> | Transaction<Database>,
  topic: Topic,
  key: string | number,
): Promise<void> {
  await sql`select ${notification(topic, key)}`.execute(db);
}

/** The same as an expression, for a statement that tells what it changes. */
export function notification(topic: Topic, key: string | number): RawBuilder<unknown> {
  return sql`pg_notify(${channel}, ${`${topic}:${key}`})`;
}
