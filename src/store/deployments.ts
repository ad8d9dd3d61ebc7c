import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { Deployment, DeploymentError, ProvisioningState } from '../model/index.ts';
import { notify } from './notify.ts';
import type { Database, DeploymentsTable } from './schema.ts';
import { storableJson } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

export type NewDeployment = Omit<
  Deployment,
  'provisioningState' | 'outputs' | 'outputResources' | 'error' | 'createdAt' | 'endedAt'
>;

/**
 * Accepts a deployment in place of an ended one of that name; `isNew` says whether there was none. Answers
 * undefined while one of that name is under way.
 */
export async function insertDeployment(
  db: Kysely<Database>,
  deployment: NewDeployment,
): Promise<{ deployment: Deployment; isNew: boolean } | undefined> {
  return db.transaction().execute(async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('deployments')
      .where('subscription_id', '=', deployment.subscriptionId)
      .where('resource_group_key', '=', deployment.resourceGroupKey)
      .where('name_key', '=', deployment.name.toLowerCase())
      .where('ended_at', 'is not', null)
      .executeTakeFirstOrThrow();
    const row = await trx
      .insertInto('deployments')
      .values({
        deployment_id: deployment.deploymentId,
        subscription_id: deployment.subscriptionId,
        resource_group_key: deployment.resourceGroupKey,
        name: deployment.name,
        name_key: deployment.name.toLowerCase(),
        tags: deployment.tags ? storableJson(deployment.tags) : null,
        correlation_id: deployment.correlationId,
        caller: storableJson(deployment.caller),
        template_hash: deployment.templateHash,
        provisioning_state: 'Accepted',
        sealed_request: deployment.sealedRequest,
        parameters: storableJson(deployment.parameters),
        dependencies: storableJson(deployment.dependencies),
        output_resources: storableJson([]),
      })
      .onConflict((oc) => oc.columns(['subscription_id', 'resource_group_key', 'name_key']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) return undefined;
    await notify(trx, 'deployment', 'any');
    return { deployment: toDeployment(row), isNew: numDeletedRows === 0n };
  });
}

export async function findDeployment(
  db: Db,
  subscriptionId: string,
  resourceGroupName: string,
  name: string,
): Promise<Deployment | undefined> {
  const row = await inGroup(db, subscriptionId, resourceGroupName)
    .where('name_key', '=', name.toLowerCase())
    .executeTakeFirst();
  return row && toDeployment(row);
}

/** The deployments of a resource group, newest first. */
export async function findDeployments(
  db: Db,
  subscriptionId: string,
  resourceGroupName: string,
  { state, limit }: { state?: string; limit: number },
): Promise<Deployment[]> {
  const rows = await inGroup(db, subscriptionId, resourceGroupName)
    .$if(state !== undefined, (query) =>
      query.where(sql<string>`lower(provisioning_state)`, '=', (state ?? '').toLowerCase()),
    )
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toDeployment);
}

function inGroup(db: Db, subscriptionId: string, resourceGroupName: string) {
  return db
    .selectFrom('deployments')
    .selectAll()
    .where('subscription_id', '=', subscriptionId)
    .where('resource_group_key', '=', resourceGroupName.toLowerCase());
}

/** Forgets an ended deployment, not its resources. Answers false while it is under way, or is not there. */
export async function deleteDeploymentRow(db: Db, deploymentId: string): Promise<boolean> {
  const row = await db
    .deleteFrom('deployments')
    .where('deployment_id', '=', deploymentId)
    .where('ended_at', 'is not', null)
    .returning('deployment_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets the oldest ended deployments of a group that are beyond the newest `kept`. */
export async function deleteOldDeployments(
  db: Db,
  { subscriptionId, resourceGroupKey }: Pick<Deployment, 'subscriptionId' | 'resourceGroupKey'>,
  kept: number,
): Promise<void> {
  await db
    .deleteFrom('deployments')
    .where('ended_at', 'is not', null)
    .where('deployment_id', 'in', (eb) =>
      eb
        .selectFrom('deployments')
        .select('deployment_id')
        .where('subscription_id', '=', subscriptionId)
        .where('resource_group_key', '=', resourceGroupKey)
        .orderBy('created_at', 'desc')
        .offset(kept),
    )
    .execute();
}

/** Ends a deployment that is under way as `Canceled`; whoever performs it finds that out. */
export async function cancelDeploymentRow(db: Db, deploymentId: string): Promise<boolean> {
  const row = await db
    .updateTable('deployments')
    .set({ provisioning_state: 'Canceled', ended_at: sql<Date>`now()`, lease_until: null })
    .where('deployment_id', '=', deploymentId)
    .where('ended_at', 'is', null)
    .returning('deployment_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes the oldest deployment that is under way and that no server performs. */
export async function claimDeployment(
  db: Db,
  owner: string,
  leaseSeconds: number,
): Promise<Deployment | undefined> {
  const row = await db
    .updateTable('deployments')
    .set({ provisioning_state: 'Running', lease_owner: owner, lease_until: inSeconds(leaseSeconds) })
    .where('deployment_id', '=', (eb) =>
      eb
        .selectFrom('deployments')
        .select('deployment_id')
        .where('ended_at', 'is', null)
        .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<', sql<Date>`now()`)]))
        .orderBy('created_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
  return row && toDeployment(row);
}

/** Answers false when the deployment is no longer this owner's: it was canceled, or its lease had passed. */
export async function renewDeploymentLease(
  db: Db,
  deploymentId: string,
  owner: string,
  leaseSeconds: number,
): Promise<boolean> {
  const row = await db
    .updateTable('deployments')
    .set({ lease_until: inSeconds(leaseSeconds) })
    .where('deployment_id', '=', deploymentId)
    .where('lease_owner', '=', owner)
    .where('ended_at', 'is', null)
    .returning('deployment_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Lets any server take the deployment at once. */
export async function releaseDeployment(db: Db, deploymentId: string, owner: string): Promise<void> {
  await db
    .updateTable('deployments')
    .set({ lease_until: null })
    .where('deployment_id', '=', deploymentId)
    .where('lease_owner', '=', owner)
    .execute();
}

/** Ends a deployment, once, if it is still this owner's. */
export async function endDeployment(
  db: Db,
  deploymentId: string,
  owner: string,
  end: {
    state: Extract<ProvisioningState, 'Succeeded' | 'Failed'>;
    outputs?: object;
    outputResources: readonly string[];
    error?: DeploymentError;
  },
): Promise<void> {
  await db
    .updateTable('deployments')
    .set({
      provisioning_state: end.state,
      outputs: end.outputs ? storableJson(end.outputs) : null,
      output_resources: storableJson(end.outputResources),
      error: end.error ? storableJson(end.error) : null,
      ended_at: sql<Date>`now()`,
      lease_until: null,
    })
    .where('deployment_id', '=', deploymentId)
    .where('lease_owner', '=', owner)
    .where('ended_at', 'is', null)
    .execute();
}

function inSeconds(seconds: number) {
  return sql<Date>`now() + make_interval(secs => ${seconds})`;
}

function toDeployment(row: Selectable<DeploymentsTable>): Deployment {
  return {
    deploymentId: row.deployment_id,
    subscriptionId: row.subscription_id,
    resourceGroupKey: row.resource_group_key,
    name: row.name,
    ...(row.tags && { tags: row.tags }),
    correlationId: row.correlation_id,
    caller: row.caller,
    templateHash: row.template_hash,
    provisioningState: row.provisioning_state,
    sealedRequest: row.sealed_request,
    parameters: row.parameters,
    dependencies: row.dependencies,
    ...(row.outputs && { outputs: row.outputs }),
    outputResources: row.output_resources,
    ...(row.error && { error: row.error }),
    createdAt: row.created_at,
    ...(row.ended_at && { endedAt: row.ended_at }),
  };
}
