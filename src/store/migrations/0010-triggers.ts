import { type Kysely, sql } from 'kysely';
import { nextOccurrence } from '../../spec/index.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
  await fillTimers(db);
}

const statements = [
  `alter table runs add column trigger jsonb`,
  // The enabled timers of enabled tasks, each with its next occurrence.
  `create table task_timers (
     registry_id uuid not null,
     task_key text collate "C" not null,
     name text not null,
     schedule text not null,
     next_occurrence timestamptz not null,
     primary key (registry_id, task_key, name),
     foreign key (registry_id, task_key) references tasks (registry_id, name_key) on delete cascade)`,
  `create index task_timers_due on task_timers (next_occurrence)`,
  `create table deliveries (
     delivery_id bigint generated always as identity primary key,
     registry_id uuid not null references registries on delete cascade,
     task_name text not null,
     trigger_name text not null,
     event_key text not null,
     trigger jsonb not null,
     status text not null,
     reason text,
     run_id text,
     tries integer not null default 0,
     received_at timestamptz not null default now(),
     decided_at timestamptz,
     next_try_at timestamptz not null default now(),
     redelivery_of bigint)`,
  // The same event never starts two runs.
  `create unique index deliveries_once on deliveries (registry_id, lower(task_name), event_key)`,
  `create index deliveries_newest on deliveries (registry_id, delivery_id desc)`,
  `create index deliveries_by_task on deliveries (registry_id, lower(task_name), delivery_id desc)`,
  `create index deliveries_pending on deliveries (next_try_at) where status = 'Pending'`,
  `create index deliveries_old on deliveries (received_at) where status <> 'Pending'`,
];

/** Tasks that were made before timers started runs. */
async function fillTimers(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ registry_id: string; name_key: string; name: string; schedule: string }>`
    select registry_id, name_key, timer->>'name' as name, timer->>'schedule' as schedule
    from tasks, jsonb_array_elements(properties->'trigger'->'timerTriggers') as timer
    where jsonb_typeof(properties->'trigger'->'timerTriggers') = 'array'
      and properties->>'status' = 'Enabled' and timer->>'status' = 'Enabled'`.execute(db);
  for (const { registry_id: registryId, name_key: taskKey, name, schedule } of rows) {
    const next = nextOccurrence(schedule, new Date());
    if (!next) continue;
    await sql`insert into task_timers values (${registryId}, ${taskKey}, ${name}, ${schedule}, ${next})
      on conflict do nothing`.execute(db);
  }
}
