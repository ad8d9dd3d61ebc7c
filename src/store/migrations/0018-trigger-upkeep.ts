import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // When the next occurrence was computed, by the database's clock: one of a clock that ran ahead is not believed.
  `alter table task_timers
     add column set_at timestamptz not null default now(),
     add column last_occurrence timestamptz`,
  `create index task_timers_set on task_timers (set_at)`,
  `create index deliveries_by_status on deliveries (registry_id, status, delivery_id desc)`,
  // Null: there is nothing to do. Hooks that are registered are looked after from time to time.
  `alter table source_hooks
     alter column next_try_at drop not null,
     alter column next_try_at drop default,
     add column checked_at timestamptz,
     add column restored_at timestamptz,
     add column registered_url text`,
  `update source_hooks set tries = 0,
     next_try_at = case registration when 'Registered' then now() + random() * interval '6 hours' end
     where not is_gone and registration <> 'Pending'`,
  `create index source_hooks_to_check on source_hooks (next_try_at) where registration = 'Registered' and not is_gone`,
];
