import type { ErrorDetail } from './errors.ts';

/** Where a deployment, or one of its operations, stands (ARM's `provisioningState`). */
export type ProvisioningState = 'Accepted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled';

/** The principal on whose authority a deployment makes its resources. */
export interface DeploymentCaller {
  readonly objectId: string;
  readonly clientId: string;
  readonly displayName: string;
}

/** Ids of a resource and of those that are made before it. */
export interface DeploymentDependency {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** Why a deployment failed; `details` has the errors of its resources. */
export interface DeploymentError extends ErrorDetail {
  readonly details?: readonly DeploymentError[];
}

/** A template's deployment to a resource group. */
export interface Deployment {
  /** Also the id of the operation that makes it. */
  readonly deploymentId: string;
  readonly subscriptionId: string;
  readonly resourceGroupKey: string;
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly correlationId: string;
  readonly caller: DeploymentCaller;
  readonly templateHash: string;
  readonly provisioningState: ProvisioningState;
  readonly sealedRequest: string;
  /** As they are answered: `{ name: { type, value } }`, secure ones without a value. */
  readonly parameters: object;
  readonly dependencies: readonly DeploymentDependency[];
  readonly outputs?: object;
  /** Ids of the resources that were made. */
  readonly outputResources: readonly string[];
  readonly error?: DeploymentError;
  readonly createdAt: Date;
  readonly endedAt?: Date;
}

/** What a deployment did with one of its resources. */
export interface DeploymentOperation {
  readonly position: number;
  readonly resourceId: string;
  readonly resourceType: string;
  readonly state: ProvisioningState;
  /** As ARM names HTTP statuses: `Created`. */
  readonly statusCode?: string;
  readonly statusMessage?: object;
  readonly pollingPath?: string;
  readonly startedAt: Date;
  readonly endedAt?: Date;
}

export function isDeploymentEnded(state: ProvisioningState): boolean {
  return state !== 'Accepted' && state !== 'Running';
}
