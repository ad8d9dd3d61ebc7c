import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import type { Database } from './schema.ts';
import * as initial from './migrations/0001-initial.ts';
import * as operations from './migrations/0002-operations.ts';
import * as tasks from './migrations/0003-tasks.ts';
import * as taskRuns from './migrations/0004-task-runs.ts';
import * as retention from './migrations/0006-retention.ts';
import * as agentPools from './migrations/0005-agent-pools.ts';
import * as deployments from './migrations/0007-deployments.ts';
import * as runSteps from './migrations/0008-run-steps.ts';
import * as vaultSecrets from './migrations/0009-vault-secrets.ts';
import * as triggers from './migrations/0010-triggers.ts';
import * as baseImages from './migrations/0012-base-images.ts';
import * as hookLeases from './migrations/0013-hook-leases.ts';
import * as sourceHooks from './migrations/0011-source-hooks.ts';
import * as imageWebhooks from './migrations/0016-image-webhooks.ts';
import * as commitReports from './migrations/0017-commit-reports.ts';
import * as triggerUpkeep from './migrations/0018-trigger-upkeep.ts';
import * as imageChecks from './migrations/0014-image-checks.ts';

/** Every migration in its order; a released one is never changed. */
const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-operations': operations,
  '0003-tasks': tasks,
  '0004-task-runs': taskRuns,
  '0006-retention': retention,
  '0005-agent-pools': agentPools,
  '0007-deployments': deployments,
  '0008-run-steps': runSteps,
  '0009-vault-secrets': vaultSecrets,
  '0010-triggers': triggers,
  '0012-base-images': baseImages,
  '0011-source-hooks': sourceHooks,
  '0016-image-webhooks': imageWebhooks,
  '0013-hook-leases': hookLeases,
  '0014-image-checks': imageChecks,
  '0017-commit-reports': commitReports,
  '0018-trigger-upkeep': triggerUpkeep,
};

/** Brings the schema up to date, under a lock, so that any number of servers may start at once. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('a migration failed', { cause: error });
}
