import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table run_steps (
     run_key bigint not null references runs on delete cascade,
     attempt integer not null,
     step_id text not null,
     position integer not null,
     kind text not null,
     status text not null,
     depends_on jsonb not null,
     attempts integer not null,
     start_time timestamptz,
     finish_time timestamptz,
     exit_code integer,
     error_message text,
     is_error_ignored boolean not null,
     primary key (run_key, attempt, step_id))`,
];
