import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface BlobPlace {
  readonly container: string;
  readonly blob: string;
}

/**
 * Deletes runs that ended before that time and are not archived, with the chunks of their logs; their
 * sealed logs are condemned with them. One whose log is not sealed yet waits. Answers how many went.
 */
export async function deleteRunsEndedBefore(db: Db, time: Date, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('runs')
    .where('run_key', 'in', (eb) =>
      eb
        .selectFrom('runs')
        .select('run_key')
        .where('finish_time', '<', time)
        .where('is_archive_enabled', '=', false)
        .where('is_log_sealed', '=', true)
        .orderBy('finish_time')
        .limit(limit),
    )
    .where('is_archive_enabled', '=', false) // who archives it meanwhile keeps it
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Remembers a place for an archive, so that it can be freed one day. */
export async function insertUpload(db: Db, registryId: string, path: string, now: Date): Promise<void> {
  await db.insertInto('uploads').values({ registry_id: registryId, path, last_used_at: now }).execute();
}

/** Keeps an upload for a run that begins; false when it has just been freed. */
export async function touchUpload(db: Db, registryId: string, path: string, now: Date): Promise<boolean> {
  const row = await db
    .updateTable('uploads')
    .set({ last_used_at: now })
    .where('registry_id', '=', registryId)
    .where('path', '=', path)
    .returning('path')
    .executeTakeFirst();
  return row !== undefined;
}

/** Frees uploads that were last used before that time and that no run has any more; condemns their blobs. */
export async function deleteUnusedUploads(db: Db, time: Date, limit: number): Promise<number> {
  const isUnused = sql<boolean>`not exists (
    select 1 from runs where runs.registry_id = uploads.registry_id
      and runs.request->>'sourceLocation' = uploads.path)`;
  const { numDeletedRows } = await db
    .deleteFrom('uploads')
    .where((eb) =>
      eb(
        eb.refTuple('registry_id', 'path'),
        'in',
        eb
          .selectFrom('uploads')
          .select(['registry_id', 'path'])
          .where('last_used_at', '<', time)
          .where(isUnused)
          .orderBy('last_used_at')
          .limit(limit)
          .$asTuple('registry_id', 'path'),
      ),
    )
    .where('last_used_at', '<', time) // a run that begins meanwhile has touched it
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Blobs whose row is gone. */
export async function findRemovedBlobs(db: Db, limit: number): Promise<BlobPlace[]> {
  return db.selectFrom('removed_blobs').select(['container', 'blob']).limit(limit).execute();
}

/** The blob itself is gone, too. */
export async function forgetRemovedBlob(db: Db, { container, blob }: BlobPlace): Promise<void> {
  await db.deleteFrom('removed_blobs').where('container', '=', container).where('blob', '=', blob).execute();
}
