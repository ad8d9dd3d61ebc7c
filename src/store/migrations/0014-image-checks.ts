import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Registries that are left alone for a while: they asked for it, or do not answer.
  `create table resting_registries (
     registry text primary key,
     until timestamptz not null,
     failures integer not null default 1)`,
  `alter table watched_images add column last_error text, add column checked_at timestamptz`,
  // What updated images have under way, by task.
  `create index runs_of_images on runs (registry_id, lower(task_name))
     where status in ('Queued', 'Started', 'Running') and trigger->>'kind' = 'image'`,
  `create index deliveries_waiting on deliveries (registry_id, lower(task_name)) where status = 'Pending'`,
];
