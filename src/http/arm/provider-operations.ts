/** What can be allowed on each kind of resource: the last part of the action, its name, and what it does. */
const table: readonly (readonly [resource: string, shown: string, ...(readonly [string, string])[]])[] = [
  ['', 'Container Registry', ['register/action', 'Registers the subscription for the provider.']],
  ['operations', 'Operations', ['read', 'Lists the operations of the provider.']],
  ['checkNameAvailability', 'Registry Name', ['read', 'Says whether a registry may have a name.']],
  [
    'registries',
    'Container Registry',
    ['read', 'Gets or lists registries.'],
    ['write', 'Makes or changes a registry.'],
    ['delete', 'Deletes a registry.'],
    ['listUsages/read', 'Says what a registry uses of its limits.'],
    ['listCredentials/action', 'Gets the admin user with its passwords.'],
    ['regenerateCredential/action', 'Replaces a password of the admin user.'],
    ['listBuildSourceUploadUrl/action', 'Gives a place for the source of a run.'],
    ['scheduleRun/action', 'Queues a run.'],
    ['pull/read', 'Pulls images.'],
    ['push/write', 'Pushes images.'],
    ['artifacts/delete', 'Deletes images.'],
  ],
  [
    'registries/runs',
    'Run',
    ['read', 'Gets or lists runs, and the steps of a run.'],
    ['write', 'Changes a run.'],
    ['cancel/action', 'Cancels a run.'],
    ['listLogSasUrl/action', 'Gives a signed URL of the log of a run.'],
  ],
  [
    'registries/tasks',
    'Task',
    ['read', 'Gets or lists tasks.'],
    ['write', 'Makes or changes a task.'],
    ['delete', 'Deletes a task.'],
    ['listDetails/action', 'Gets a task with its secrets.'],
  ],
  [
    'registries/taskRuns',
    'Task Run',
    ['read', 'Gets or lists task runs.'],
    ['write', 'Makes or changes a task run.'],
    ['delete', 'Deletes a task run.'],
    ['listDetails/action', 'Gets a task run with its secrets.'],
  ],
  [
    'registries/agentPools',
    'Agent Pool',
    ['read', 'Gets or lists agent pools.'],
    ['write', 'Makes or changes an agent pool.'],
    ['delete', 'Deletes an agent pool.'],
    ['listQueueStatus/action', 'Counts the runs that wait for a pool.'],
  ],
  [
    'registries/vaults/secrets',
    'Secret',
    ['read', 'Lists the secrets of a vault, without their values.'],
    ['write', 'Sets the value of a secret.'],
    ['delete', 'Deletes a secret.'],
  ],
];

/** The operations of the provider, as its operations list has them. */
export const providerOperations = table.flatMap(([resource, shown, ...operations]) =>
  operations.map(([operation, description]) => ({
    name: ['Microsoft.ContainerRegistry', resource, operation].filter(Boolean).join('/'),
    origin: 'user,system',
    isDataAction: false,
    display: {
      provider: 'Microsoft Container Registry',
      resource: shown,
      operation: description.replace(/\.$/, ''),
      description,
    },
  })),
);
