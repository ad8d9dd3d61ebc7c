import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // The primary key also serves the list: a registry's tasks by name.
  `create table tasks (
     registry_id uuid not null references registries on delete cascade,
     name text not null,
     name_key text collate "C" not null,
     location text not null,
     tags jsonb not null,
     identity jsonb,
     properties jsonb not null,
     base_image_dependencies jsonb not null default '[]',
     system_data jsonb not null,
     creation_date timestamptz not null default now(),
     primary key (registry_id, name_key))`,
];
