import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table deployments (
     deployment_id uuid primary key,
     subscription_id uuid not null,
     resource_group_key text not null,
     name text not null,
     name_key text not null,
     tags jsonb,
     correlation_id uuid not null,
     caller jsonb not null,
     template_hash text not null,
     provisioning_state text not null,
     sealed_request text not null,
     parameters jsonb not null,
     dependencies jsonb not null,
     outputs jsonb,
     output_resources jsonb not null default '[]',
     error jsonb,
     created_at timestamptz not null default now(),
     ended_at timestamptz,
     lease_owner uuid,
     lease_until timestamptz,
     unique (subscription_id, resource_group_key, name_key),
     foreign key (subscription_id, resource_group_key)
       references resource_groups (subscription_id, name_key) on delete cascade)`,
  `create index deployments_newest on deployments (subscription_id, resource_group_key, created_at desc)`,
  `create index deployments_active on deployments (created_at) where ended_at is null`,
  `create table deployment_operations (
     deployment_id uuid not null references deployments on delete cascade,
     position integer not null,
     resource_id text not null,
     resource_type text not null,
     state text not null,
     status_code text,
     status_message jsonb,
     polling_path text,
     started_at timestamptz not null default now(),
     ended_at timestamptz,
     primary key (deployment_id, position))`,
];
