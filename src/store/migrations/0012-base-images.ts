import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // What a task's images stand on, as its last successful run found it.
  `create table task_base_images (
     registry_id uuid not null,
     task_key text collate "C" not null,
     type text not null,
     registry text not null,
     repository text not null,
     tag text not null,
     digest text,
     since_run_key bigint not null,
     primary key (registry_id, task_key, type, registry, repository, tag),
     foreign key (registry_id, task_key) references tasks (registry_id, name_key) on delete cascade)`,
  `create index task_base_images_by_image on task_base_images (registry, repository, tag)`,
  // What a task's last successful run made.
  `create table task_output_images (
     registry_id uuid not null,
     task_key text collate "C" not null,
     registry text not null,
     repository text not null,
     tag text not null,
     primary key (registry_id, task_key, registry, repository, tag),
     foreign key (registry_id, task_key) references tasks (registry_id, name_key) on delete cascade)`,
  `create index task_output_images_by_image on task_output_images (registry, repository, tag)`,
  // Each image that some task stands on, once.
  `create table watched_images (
     registry text not null,
     repository text not null,
     tag text not null,
     next_check_at timestamptz not null,
     failures integer not null default 0,
     first_pushed_at timestamptz,
     last_pushed_at timestamptz,
     pushed_digest text,
     pushed_by bigint,
     primary key (registry, repository, tag))`,
  `create index watched_images_due on watched_images (next_check_at)`,
  `create table event_subscriptions (
     registry_id uuid not null references registries on delete cascade,
     name text not null,
     name_key text collate "C" not null,
     endpoint text not null,
     sealed_secret text not null,
     event_types jsonb not null,
     format text not null,
     status text not null,
     primary key (registry_id, name_key))`,
  // What is to be posted to somebody, written with the change that it tells of.
  `create table outgoing_messages (
     message_id bigint generated always as identity primary key,
     registry_id uuid not null references registries on delete cascade,
     subscription_key text collate "C",
     endpoint text,
     event_type text not null,
     run_id text not null,
     body jsonb not null,
     sealed_token text,
     status text not null default 'Pending',
     tries integer not null default 0,
     created_at timestamptz not null,
     next_try_at timestamptz not null,
     ended_at timestamptz,
     last_error text,
     foreign key (registry_id, subscription_key) references event_subscriptions (registry_id, name_key)
       on delete cascade)`,
  `create index outgoing_messages_due on outgoing_messages (next_try_at) where status = 'Pending'`,
  `create index outgoing_messages_by_run on outgoing_messages (registry_id, run_id, message_id)
     where status = 'Pending'`,
  `create index outgoing_messages_newest on outgoing_messages (registry_id, subscription_key, message_id desc)`,
  `create index outgoing_messages_old on outgoing_messages (created_at) where status <> 'Pending'`,
  // Tasks that ran before: what their images are now counts as what they were built from.
  `insert into task_base_images
     select registry_id, name_key, image->>'type', image->>'registry', image->>'repository', image->>'tag', null, 0
     from tasks, jsonb_array_elements(base_image_dependencies) as image
     where image ? 'registry' and image ? 'repository' and image ? 'tag'
     on conflict do nothing`,
  `insert into watched_images (registry, repository, tag, next_check_at)
     select distinct registry, repository, tag, now() from task_base_images`,
];
