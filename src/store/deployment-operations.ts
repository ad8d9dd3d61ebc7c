import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { DeploymentOperation, ProvisioningState } from '../model/index.ts';
import type { Database, DeploymentOperationsTable } from './schema.ts';
import { storableJson } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** The operations of a deployment, in its order. */
export async function findDeploymentOperations(db: Db, deploymentId: string): Promise<DeploymentOperation[]> {
  const rows = await db
    .selectFrom('deployment_operations')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .orderBy('position')
    .execute();
  return rows.map(toOperation);
}

/**
 * Notes that a resource is being made; begun once, however often its deployment is taken up again. Answers
 * false when the deployment is no longer this owner's: nothing more may be made for it.
 */
export async function beginDeploymentOperation(
  db: Db,
  deploymentId: string,
  owner: string,
  { position, resourceId, resourceType }: { position: number; resourceId: string; resourceType: string },
): Promise<boolean> {
  const { rows } = await sql`
    insert into deployment_operations (deployment_id, position, resource_id, resource_type, state)
    select deployment_id, ${position}::integer, ${resourceId}::text, ${resourceType}::text, 'Running'
    from deployments
    where deployment_id = ${deploymentId} and lease_owner = ${owner} and ended_at is null
    on conflict (deployment_id, position) do update set position = excluded.position
    returning position`.execute(db);
  return rows.length > 0;
}

/** Notes what the service answered of a resource, and where its own operation is asked for. */
export async function updateDeploymentOperation(
  db: Db,
  deploymentId: string,
  position: number,
  change: {
    state: Exclude<ProvisioningState, 'Accepted'>;
    statusCode?: string;
    statusMessage?: object;
    pollingPath?: string;
  },
): Promise<void> {
  const { state, statusCode, statusMessage, pollingPath } = change;
  await db
    .updateTable('deployment_operations')
    .set({
      state,
      ...(statusCode !== undefined && { status_code: statusCode }),
      ...(statusMessage && { status_message: storableJson(statusMessage) }),
      ...(pollingPath !== undefined && { polling_path: pollingPath }),
      ...(state !== 'Running' && { ended_at: sql<Date>`now()` }),
    })
    .where('deployment_id', '=', deploymentId)
    .where('position', '=', position)
    .where('state', '=', 'Running')
    .execute();
}

function toOperation(row: Selectable<DeploymentOperationsTable>): DeploymentOperation {
  return {
    position: row.position,
    resourceId: row.resource_id,
    resourceType: row.resource_type,
    state: row.state,
    ...(row.status_code !== null && { statusCode: row.status_code }),
    ...(row.status_message && { statusMessage: row.status_message }),
    ...(row.polling_path !== null && { pollingPath: row.polling_path }),
    startedAt: row.started_at,
    ...(row.ended_at && { endedAt: row.ended_at }),
  };
}
