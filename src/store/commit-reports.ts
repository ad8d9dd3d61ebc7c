import { sql, type Kysely, type Transaction } from 'kysely';
import type { ProviderType, RunStatus } from '../model/index.ts';
import type { Database } from './schema.ts';
import { storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** A run of which its commit is to show where it stands. */
export interface CommitReport {
  readonly registryId: string;
  readonly runId: string;
  readonly hookId: string;
  readonly taskName: string;
  readonly providerType: ProviderType;
  readonly repositoryUrl: string;
  /** Sealed: the trigger's as it is now, or as it was if the trigger is gone. */
  readonly token: string;
  readonly commitId: string;
  readonly runStatus: RunStatus;
  readonly tries: number;
}

/** Has the commit of a run show where it stands, if its trigger has a token; in the run's own transaction. */
export async function insertCommitReport(
  trx: Transaction<Database>,
  report: {
    readonly registryId: string;
    readonly runId: string;
    readonly taskName: string;
    readonly triggerName: string;
    readonly commitId: string;
    readonly now: Date;
  },
): Promise<void> {
  const { registryId, runId, taskName, triggerName, commitId, now } = report;
  await sql`insert into commit_reports (registry_id, run_id, hook_id, task_key, source_control_type,
      repository_url, token, commit_id, next_try_at)
    select registry_id, ${runId}, hook_id, task_key, source_control_type, repository_url, token, ${commitId}, ${now}
    from source_hooks
    where registry_id = ${registryId} and task_key = ${taskName.toLowerCase()}
      and trigger_name = ${triggerName} and not is_gone and token is not null
    on conflict do nothing`.execute(trx);
}

/**
 * Takes reports of runs that were queued, or ended, since: they are this caller's until `until`. What it costs does
 * not grow with the runs that wait: the end of a run makes its report due (trigger `runs_ended`).
 */
export async function takeDueReports(db: Db, now: Date, until: Date, limit: number): Promise<CommitReport[]> {
  const { rows } = await sql<{
    registry_id: string;
    run_id: string;
    hook_id: string;
    task_key: string;
    source_control_type: ProviderType;
    repository_url: string;
    token: string;
    commit_id: string;
    tries: number;
    status: RunStatus;
    hook_token: string | null;
  }>`with due as (
      select report.registry_id, report.run_id, report.hook_id, runs.status
      from commit_reports as report join runs using (registry_id, run_id)
      where report.next_try_at <= ${now} and (not report.is_pending_reported or report.has_ended)
      order by report.next_try_at
      limit ${limit}
      for update of report skip locked)
    update commit_reports as report set next_try_at = ${until}, tries = report.tries + 1
    from due left join source_hooks as hook on hook.hook_id = due.hook_id
    where report.registry_id = due.registry_id and report.run_id = due.run_id
    returning report.*, due.status, hook.token as hook_token`.execute(db);
  return rows.map((row) => ({
    registryId: row.registry_id,
    runId: row.run_id,
    hookId: row.hook_id,
    taskName: row.task_key,
    providerType: row.source_control_type,
    repositoryUrl: row.repository_url,
    token: row.hook_token ?? row.token,
    commitId: row.commit_id,
    runStatus: row.status,
    tries: row.tries,
  }));
}

/** The commit shows that the run is under way: the next report is its end, which may have come meanwhile. */
export async function setPendingReported(
  db: Db,
  { registryId, runId }: CommitReport,
  now: Date,
): Promise<void> {
  await db
    .updateTable('commit_reports')
    .set({ is_pending_reported: true, tries: 0, next_try_at: now })
    .where('registry_id', '=', registryId)
    .where('run_id', '=', runId)
    .execute();
}

export async function postponeReport(
  db: Db,
  { registryId, runId }: CommitReport,
  nextTryAt: Date,
): Promise<void> {
  await db
    .updateTable('commit_reports')
    .set({ next_try_at: nextTryAt })
    .where('registry_id', '=', registryId)
    .where('run_id', '=', runId)
    .execute();
}

/** Has no report of a hook's runs tried before that time. */
export async function postponeReportsOfHook(db: Db, hookId: string, until: Date): Promise<void> {
  await db
    .updateTable('commit_reports')
    .set({ next_try_at: until })
    .where('hook_id', '=', hookId)
    .where('next_try_at', '<', until)
    .execute();
}

/** Has reports tried now that were to be tried after `latest`. */
export async function hastenReports(db: Db, now: Date, latest: Date): Promise<void> {
  await db
    .updateTable('commit_reports')
    .set({ next_try_at: now })
    .where('next_try_at', '>', latest)
    .execute();
}

/** It was reported that the run ended, or is given up. */
export async function deleteReport(db: Db, { registryId, runId }: CommitReport): Promise<void> {
  await db
    .deleteFrom('commit_reports')
    .where('registry_id', '=', registryId)
    .where('run_id', '=', runId)
    .execute();
}

/** Why the last report of a hook's runs failed; undefined when it did not. */
export async function setReportError(db: Db, hookId: string, error: string | undefined): Promise<void> {
  const reason = error === undefined ? null : storableText(error);
  await db
    .updateTable('source_hooks')
    .set({ report_error: reason })
    .where('hook_id', '=', hookId)
    .where('report_error', 'is distinct from', reason)
    .execute();
}

/** Forgets reports of runs that were purged. */
export async function deleteReportsOfPurgedRuns(db: Db): Promise<void> {
  await sql`delete from commit_reports as report where not exists (
    select from runs where runs.registry_id = report.registry_id and runs.run_id = report.run_id)`.execute(
    db,
  );
}
