/** Who made a resource and who touched it last (ARM's `systemData`). */
export interface SystemData {
  readonly createdBy: string;
  readonly createdByType: 'User' | 'Application' | 'ManagedIdentity' | 'Key';
  readonly createdAt: string;
  readonly lastModifiedBy: string;
  readonly lastModifiedByType: 'User' | 'Application' | 'ManagedIdentity' | 'Key';
  readonly lastModifiedAt: string;
}

export interface Registry {
  /** Also the container of its uploads. */
  readonly registryId: string;
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly name: string;
  readonly location: string;
  readonly sku: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly isAdminUserEnabled: boolean;
  /** Members of `properties` that are kept and answered as they were sent: policies, encryption and the like. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Host and port under which images are pushed and pulled: `localhost:5001`. */
  readonly loginServer: string;
  readonly loginPort: number;
  readonly systemData: SystemData;
  readonly createdAt: Date;
}

export interface ResourceGroup {
  readonly subscriptionId: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** It goes with all that is in it, and takes in nothing more. */
  readonly isDeleting: boolean;
}

export interface Subscription {
  readonly subscriptionId: string;
  readonly displayName: string;
  readonly tenantId: string;
}

/** `/subscriptions/…/resourceGroups/{name}` of a resource group. */
export function resourceGroupId(group: Pick<ResourceGroup, 'subscriptionId' | 'name'>): string {
  return `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`;
}

/** `/subscriptions/…/registries/{name}` of a registry. */
export function registryResourceId(
  registry: Pick<Registry, 'subscriptionId' | 'resourceGroupName' | 'name'>,
): string {
  return (
    `/subscriptions/${registry.subscriptionId}/resourceGroups/${registry.resourceGroupName}` +
    `/providers/Microsoft.ContainerRegistry/registries/${registry.name}`
  );
}

/** The portal's page of a run, as path: for people. */
export function runPagePath(
  {
    subscriptionId,
    resourceGroupName,
    name,
  }: Pick<Registry, 'subscriptionId' | 'resourceGroupName' | 'name'>,
  runId: string,
): string {
  return `/portal/registries/${[subscriptionId, resourceGroupName, name].map(encodeURIComponent).join('/')}/runs/${encodeURIComponent(runId)}`;
}
