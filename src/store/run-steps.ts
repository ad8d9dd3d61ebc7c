import { sql, type Kysely, type Transaction } from 'kysely';
import { transitionOf, type Run, type StepState } from '../model/index.ts';
import type { LeaseHolder } from './run-attempts.ts';
import type { Database } from './schema.ts';
import { storableJson } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

/**
 * Keeps where steps of the holder's attempt stand; each step once. New ones come after those that are known.
 * False when the run is not (or no longer) the holder's.
 */
export async function saveSteps(db: Db, holder: LeaseHolder, steps: readonly StepState[]): Promise<boolean> {
  const states = storableJson(steps.map((step, index) => ({ ...step, position: index })));
  const { rows } = await sql<{ run_key: number }>`
    with holder as (
      select run_key, attempt from runs
      where run_key = ${holder.runKey} and attempt = ${holder.attempt} and agent_id = ${holder.agentId}
        and status in (${sql.join(transitionOf('lose').from)})),
    saved as (
      insert into run_steps (run_key, attempt, step_id, position, kind, status, depends_on, attempts,
        start_time, finish_time, exit_code, error_message, is_error_ignored)
      select run_key, holder.attempt, "stepId", known.count + position, kind, status, "dependsOn", attempts,
        "startTime", "finishTime", "exitCode", "errorMessage", coalesce("isErrorIgnored", false)
      from holder
      cross join lateral (
        select count(*)::integer as count from run_steps
        where run_key = holder.run_key and attempt = holder.attempt) as known
      cross join jsonb_to_recordset(${states}::jsonb) as state(
        "stepId" text, position integer, kind text, status text, "dependsOn" jsonb, attempts integer,
        "startTime" timestamptz, "finishTime" timestamptz, "exitCode" integer, "errorMessage" text,
        "isErrorIgnored" boolean)
      on conflict (run_key, attempt, step_id) do update set
        status = excluded.status, depends_on = excluded.depends_on, attempts = excluded.attempts,
        start_time = excluded.start_time, finish_time = excluded.finish_time, exit_code = excluded.exit_code,
        error_message = excluded.error_message, is_error_ignored = excluded.is_error_ignored)
    select run_key from holder`.execute(db);
  return rows.length > 0;
}

/** The steps of the run's attempt, in the order of the task. */
export async function findSteps(db: Db, run: Pick<Run, 'runKey' | 'attempt'>): Promise<StepState[]> {
  const rows = await db
    .selectFrom('run_steps')
    .selectAll()
    .where('run_key', '=', run.runKey)
    .where('attempt', '=', run.attempt)
    .orderBy('position')
    .orderBy('step_id')
    .execute();
  return rows.map((row) => ({
    stepId: row.step_id,
    kind: row.kind,
    status: row.status,
    dependsOn: row.depends_on,
    attempts: row.attempts,
    ...(row.start_time && { startTime: row.start_time.toISOString() }),
    ...(row.finish_time && { finishTime: row.finish_time.toISOString() }),
    ...(row.exit_code !== null && { exitCode: row.exit_code }),
    ...(row.error_message !== null && { errorMessage: row.error_message }),
    ...(row.is_error_ignored && { isErrorIgnored: true }),
  }));
}
