import { sql, type Kysely, type Transaction } from 'kysely';
import type { LogArtifact, Run } from '../model/index.ts';
import { toRun } from './runs.ts';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface DueLogArtifact {
  readonly run: Run;
  readonly template: string;
}

/** Ended runs whose sealed log is still to be pushed to their registry. */
export async function findDueLogArtifacts(db: Db, limit: number): Promise<DueLogArtifact[]> {
  const rows = await db
    .selectFrom('runs')
    .selectAll()
    .where('log_template', 'is not', null)
    .where('log_artifact', 'is', null)
    .where('is_log_sealed', '=', true)
    .where((eb) =>
      eb.or([eb('log_artifact_retry_at', 'is', null), eb('log_artifact_retry_at', '<', sql<Date>`now()`)]),
    )
    .orderBy('finish_time')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ run: toRun(row), template: row.log_template ?? '' }));
}

/** The log is in the registry. */
export async function setLogArtifact(
  db: Db,
  runKey: number,
  artifact: LogArtifact,
  now: Date,
): Promise<void> {
  await db
    .updateTable('runs')
    .set({ log_artifact: JSON.stringify(artifact), last_updated_time: now })
    .where('run_key', '=', runKey)
    .execute();
}

/** The push failed: not before so many seconds again. */
export async function deferLogArtifact(db: Db, runKey: number, seconds: number): Promise<void> {
  await db
    .updateTable('runs')
    .set({ log_artifact_retry_at: sql<Date>`now() + ${seconds} * interval '1 second'` })
    .where('run_key', '=', runKey)
    .execute();
}
