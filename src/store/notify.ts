import { sql, type Kysely, type Transaction } from 'kysely';
import { channel, type Topic } from './notifier.ts';
import type { Database } from './schema.ts';

/** Says what changed to every server; in a transaction, when it commits. */
export async function notify(
  db: Kysely<Database> | Transaction<Database>,
  topic: Topic,
  key: string | number,
): Promise<void> {
  await sql`select pg_notify(${channel}, ${`${topic}:${key}`})`.execute(db);
}
