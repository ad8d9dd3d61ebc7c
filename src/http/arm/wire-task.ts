import { taskResourceId, userAssignedIdentity, type OpenTask } from '../../control/index.ts';
import type { Registry, TaskIdentity } from '../../model/index.ts';
import { wireTime } from './wire-time.ts';

/**
 * A task as the specification's Task, with its secrets; members without a value are left out, and so are
 * credentials without any.
 */
export function taskBody(tenantId: string, registry: Registry, task: OpenTask) {
  const { name, location, tags, identity, systemData, properties, baseImageDependencies } = task;
  const { step, credentials = {}, ...others } = properties;
  return {
    type: 'Microsoft.ContainerRegistry/registries/tasks',
    id: taskResourceId(registry, name),
    name,
    location,
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(identity && { identity: identityBody(tenantId, identity) }),
    systemData,
    properties: {
      provisioningState: 'Succeeded',
      creationDate: wireTime(task.creationDate),
      ...others,
      ...(Object.keys(credentials).length > 0 && { credentials }),
      ...(step && {
        step: { ...step, ...(baseImageDependencies.length > 0 && { baseImageDependencies }) },
      }),
    },
  };
}

function identityBody(tenantId: string, { type, principalId, userAssignedIdentities }: TaskIdentity) {
  const references = userAssignedIdentities.map((id) => [id, userAssignedIdentity(tenantId, id)] as const);
  return {
    type,
    ...(principalId !== undefined && { principalId, tenantId }),
    ...(references.length > 0 && { userAssignedIdentities: Object.fromEntries(references) }),
  };
}
