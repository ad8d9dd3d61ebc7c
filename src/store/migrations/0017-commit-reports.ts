import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // What is still to be told is looked for each second: runs that wait or are under way are not among it.
  `alter table commit_reports add column has_ended boolean not null default false`,
  `update commit_reports as report set has_ended = true from runs
     where runs.registry_id = report.registry_id and runs.run_id = report.run_id and runs.finish_time is not null`,
  `drop index commit_reports_due`,
  `create index commit_reports_due on commit_reports (next_try_at) where not is_pending_reported or has_ended`,
  `create index commit_reports_of_hook on commit_reports (hook_id, next_try_at)`,
  // Whatever ends a run, and in the same transaction.
  `create function commit_report_due() returns trigger language plpgsql as $$ begin
     update commit_reports set has_ended = true where registry_id = new.registry_id and run_id = new.run_id;
     return null;
   end $$`,
  `create trigger runs_ended after update of finish_time on runs for each row
     when (old.finish_time is null and new.finish_time is not null and new.trigger is not null)
     execute function commit_report_due()`,
];
