import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table uploads (
     registry_id uuid not null references registries on delete cascade,
     path text not null,
     last_used_at timestamptz not null,
     primary key (registry_id, path))`,
  `create index uploads_by_use on uploads (last_used_at)`,
  `insert into uploads (registry_id, path, last_used_at)
     select registry_id, request->>'sourceLocation', max(create_time) from runs
     where request->>'sourceLocation' like 'source/%' group by 1, 2`,
  `create table removed_blobs (
     container text not null,
     blob text not null,
     primary key (container, blob))`,
  // Whatever deletes a row, by itself or with its registry, condemns the row's blob in the same transaction.
  `create function condemn_log() returns trigger language plpgsql as $$ begin
     insert into removed_blobs values ('logs', 'sealed/' || old.run_key || '.log') on conflict do nothing;
     return null;
   end $$`,
  `create trigger runs_deleted after delete on runs for each row execute function condemn_log()`,
  `create function condemn_upload() returns trigger language plpgsql as $$ begin
     insert into removed_blobs values (old.registry_id::text, old.path) on conflict do nothing;
     return null;
   end $$`,
  `create trigger uploads_deleted after delete on uploads for each row execute function condemn_upload()`,
  `create index runs_purgeable on runs (finish_time) where finish_time is not null and not is_archive_enabled`,
  `create index runs_by_source on runs (registry_id, (request->>'sourceLocation'))`,
  `alter table runs
     add column log_template text,
     add column log_artifact jsonb,
     add column log_artifact_retry_at timestamptz`,
  `create index runs_log_artifact_due on runs (finish_time)
     where log_template is not null and log_artifact is null and is_log_sealed`,
  `create index operations_under_way on operations (resource_key) where status = 'InProgress'`,
  `alter table registries add column deleting_at timestamptz`,
  `alter table resource_groups add column deleting_at timestamptz`,
];
