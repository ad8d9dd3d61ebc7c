import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Each version is a row; the one with the greatest key is the newest.
  `create table vault_secrets (
     secret_key bigint generated always as identity primary key,
     registry_id uuid not null references registries on delete cascade,
     vault text collate "C" not null,
     name text not null,
     name_key text collate "C" not null,
     version text not null,
     sealed_value text not null,
     created_at timestamptz not null)`,
  `create unique index vault_secrets_by_version on vault_secrets (registry_id, vault, name_key, version)`,
  `create index vault_secrets_by_name on vault_secrets (registry_id, vault, name_key, secret_key desc)`,
  `alter table runs add column requested_by text`,
  `create index registries_by_login_server on registries (login_server)`,
];
