import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table operations (
     operation_id uuid primary key,
     resource_key text not null,
     run_key bigint references runs on delete set null,
     status text not null,
     error jsonb,
     created_at timestamptz not null default now(),
     ended_at timestamptz)`,
  `create index operations_ended on operations (ended_at) where ended_at is not null`,
  `create index operations_by_run on operations (run_key) where run_key is not null`,
];
