import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // One that is gone waits until the provider has forgotten it: it outlives its task.
  `create table source_hooks (
     hook_id uuid primary key,
     registry_id uuid not null references registries on delete cascade,
     task_key text collate "C" not null,
     trigger_name text not null,
     source_control_type text not null,
     repository_url text not null,
     secret text not null,
     token text,
     is_gone boolean not null default false,
     registration text not null,
     registration_error text,
     report_error text,
     tries integer not null default 0,
     next_try_at timestamptz not null default now())`,
  `create unique index source_hooks_of_task on source_hooks (registry_id, task_key, trigger_name)
     where not is_gone`,
  `create index source_hooks_due on source_hooks (next_try_at) where is_gone or registration = 'Pending'`,
  `create table commit_reports (
     registry_id uuid not null references registries on delete cascade,
     run_id text not null,
     hook_id uuid not null,
     task_key text collate "C" not null,
     source_control_type text not null,
     repository_url text not null,
     token text not null,
     commit_id text not null,
     is_pending_reported boolean not null default false,
     tries integer not null default 0,
     next_try_at timestamptz not null default now(),
     primary key (registry_id, run_id))`,
  `create index commit_reports_due on commit_reports (next_try_at)`,
  `alter table deliveries add column payload_digest text`,
  // A payload that is sent once more under another id starts nothing: signatures do not cover the id.
  `create unique index deliveries_once_by_payload
     on deliveries (registry_id, lower(task_name), trigger_name, payload_digest) where payload_digest is not null`,
];
