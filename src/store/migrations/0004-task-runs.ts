import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // No foreign key to the run: a task run remembers it when it is purged.
  `create table task_runs (
     registry_id uuid not null references registries on delete cascade,
     name_key text not null,
     name text not null,
     location text,
     tags jsonb,
     identity jsonb,
     principal_id uuid not null,
     run_request jsonb not null,
     force_update_tag text,
     system_data jsonb not null,
     run_key bigint,
     is_update boolean not null,
     revision integer not null default 1,
     primary key (registry_id, name_key))`,
];
