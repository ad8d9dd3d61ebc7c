import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Whose provider somebody asks just now; a change of the task leaves that alone.
  `alter table source_hooks add column taken_until timestamptz`,
  // Hooks outlive their registry, too, until the provider has forgotten them.
  `alter table source_hooks drop constraint source_hooks_registry_id_fkey`,
];
