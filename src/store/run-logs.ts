import { sql, type Kysely, type Transaction } from 'kysely';
import type { LeaseHolder } from './run-attempts.ts';
import { notification } from './notify.ts';
import type { Store } from './open.ts';
import type { Database } from './schema.ts';
import { transitionOf } from '../model/index.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** No chunk is longer, so a reader finds the chunk of any byte by its key. */
export const maxChunkBytes = 256 * 1024;

/**
 * Appends to the log of a run that the holder still has, if `offset` (bytes since the attempt began) is
 * where its log ends, and wakes its readers: one statement, since a log that is busy is made of thousands.
 * Answers that place; undefined when the run is not theirs.
 */
export async function appendLog(
  db: Db,
  holder: LeaseHolder,
  offset: number,
  bytes: Uint8Array,
): Promise<{ nextOffset: number; isStored: boolean } | undefined> {
  if (bytes.length > maxChunkBytes) throw new RangeError(`a log chunk has at most ${maxChunkBytes} bytes`);
  if (bytes.length > 0 && (await growLog(db, holder, offset, bytes))) {
    return { nextOffset: offset + bytes.length, isStored: true };
  }
  const row = await db
    .selectFrom('runs')
    .select(['log_size_bytes', 'attempt_log_start'])
    .where('run_key', '=', holder.runKey)
    .where('attempt', '=', holder.attempt)
    .where('agent_id', '=', holder.agentId)
    .where('status', 'in', transitionOf('lose').from)
    .executeTakeFirst();
  if (!row) return undefined;
  return { nextOffset: row.log_size_bytes - row.attempt_log_start, isStored: false };
}

async function growLog(
  db: Db,
  { runKey, attempt, agentId }: LeaseHolder,
  offset: number,
  bytes: Uint8Array,
): Promise<boolean> {
  const { rows } = await sql`
    with grown as (
      update runs set log_size_bytes = log_size_bytes + ${bytes.length}::bigint
      where run_key = ${runKey} and attempt = ${attempt} and agent_id = ${agentId}
        and status in (${sql.join(transitionOf('lose').from)})
        and log_size_bytes - attempt_log_start = ${offset}::bigint
      returning log_size_bytes),
    added as (
      insert into run_log_chunks (run_key, start_byte, bytes)
      select ${runKey}::bigint, log_size_bytes - ${bytes.length}::bigint, ${bytes}::bytea from grown)
    select ${notification('log', runKey)} from grown`.execute(db);
  return rows.length > 0;
}

/** Appends what the service itself has to say. */
export async function appendToLog(
  trx: Transaction<Database>,
  runKey: number,
  bytes: Uint8Array,
): Promise<void> {
  if (bytes.length === 0) return;
  if (bytes.length > maxChunkBytes) throw new RangeError(`a log chunk has at most ${maxChunkBytes} bytes`);
  await sql`
    with grown as (
      update runs set log_size_bytes = log_size_bytes + ${bytes.length}::bigint
      where run_key = ${runKey} returning log_size_bytes)
    insert into run_log_chunks (run_key, start_byte, bytes)
    select ${runKey}::bigint, log_size_bytes - ${bytes.length}::bigint, ${bytes}::bytea from grown`.execute(
    trx,
  );
}

/** Chunks that hold bytes of `[start, end)`, in order, at most `limit`. */
export async function readLogChunks(
  db: Db,
  runKey: number,
  start: number,
  end: number,
  limit: number,
): Promise<{ startByte: number; bytes: Uint8Array }[]> {
  const rows = await db
    .selectFrom('run_log_chunks')
    .select(['start_byte', 'bytes'])
    .where('run_key', '=', runKey)
    .where('start_byte', '>', start - maxChunkBytes)
    .where('start_byte', '<', end)
    .where(sql<boolean>`start_byte + length(bytes) > ${start}`)
    .orderBy('start_byte')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ startByte: row.start_byte, bytes: row.bytes }));
}

/** Ended runs whose log still lies in chunks. */
export async function findUnsealedLogs(
  db: Db,
  limit: number,
): Promise<{ runKey: number; sizeBytes: number }[]> {
  const rows = await db
    .selectFrom('runs')
    .select(['run_key', 'log_size_bytes'])
    .where('finish_time', 'is not', null)
    .where('is_log_sealed', '=', false)
    .orderBy('finish_time')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ runKey: row.run_key, sizeBytes: row.log_size_bytes }));
}

/** The log is in its blob: the chunks go. False when the run is gone. */
export async function markLogSealed(trx: Transaction<Database>, runKey: number): Promise<boolean> {
  const row = await trx
    .updateTable('runs')
    .set({ is_log_sealed: true })
    .where('run_key', '=', runKey)
    .returning('run_key')
    .executeTakeFirst();
  await trx.deleteFrom('run_log_chunks').where('run_key', '=', runKey).execute();
  return row !== undefined;
}

export async function isLogSealed(db: Db, runKey: number): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('is_log_sealed')
    .where('run_key', '=', runKey)
    .executeTakeFirst();
  return row?.is_log_sealed ?? false;
}

/** Gives the room of chunks that went back to the disk. PGlite has nobody who does so by itself. */
export async function freeLogSpace({ db, backend }: Pick<Store, 'db' | 'backend'>): Promise<void> {
  if (backend.kind === 'pglite') await sql`vacuum run_log_chunks`.execute(db);
}
