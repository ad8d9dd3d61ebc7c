import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table agent_pools (
     pool_id uuid primary key,
     registry_id uuid not null references registries on delete cascade,
     name text not null,
     name_key text not null,
     location text not null,
     tags jsonb not null default '{}',
     count integer not null,
     tier text not null,
     os text not null,
     provisioning_state text not null,
     changed_at timestamptz not null default now(),
     join_token text not null,
     join_token_hash text not null unique,
     host_id text,
     host_until timestamptz,
     system_data jsonb not null,
     unique (registry_id, name_key))`,
  `create index agent_pools_by_name on agent_pools (name_key)`,
  `create index agent_pools_unsettled on agent_pools (changed_at) where provisioning_state <> 'Succeeded'`,
  `alter table agents add column pool_id uuid references agent_pools on delete cascade`,
  `drop index agents_by_queue`,
  `create index agents_by_pool on agents (pool_id, lower(os), last_seen_at)`,
  `create index runs_under_way on runs (queue_name) where status in ('Started', 'Running')`,
  `create index runs_by_agent on runs (agent_id) where status in ('Started', 'Running')`,
  `create index operations_in_progress on operations (resource_key) where status = 'InProgress'`,
];
