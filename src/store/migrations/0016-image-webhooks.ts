import { type Kysely, sql } from 'kysely';

/** Registries of others name what was pushed without their host. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index watched_images_by_name on watched_images (repository, tag)`.execute(db);
}
