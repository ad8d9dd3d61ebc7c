import { resourceGroupId, type Registry, type ResourceGroup } from '../../model/index.ts';
import {
  deleteEmptiedGroups,
  deleteRegistryRow,
  dropHooksOfRegistry,
  endOperationsOf,
  findDeletingRegistries,
  markGroupDeleting,
  markRegistryDeleting,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { beginOperation } from '../operations.ts';
import { groupNotFound } from './resource-groups.ts';

/**
 * Deletes a registry with its runs and images. It is out of sight at once; a kill before the end leaves
 * the rest to `finishDeletions`.
 */
export async function deleteRegistry(deps: ControlDeps, registry: Registry): Promise<void> {
  if (await markRegistryDeleting(deps.store.db, registry.registryId)) await finishRegistry(deps, registry);
}

async function finishRegistry(deps: ControlDeps, registry: Registry): Promise<void> {
  await deps.registries.stop(registry, { isDeleted: true });
  await deps.store.db.transaction().execute(async (trx) => {
    await dropHooksOfRegistry(trx, registry.registryId, deps.now());
    await deleteRegistryRow(trx, registry.registryId);
  });
}

/** Begins to delete a group with all that is in it. @returns the id of the operation. @throws 404. */
export async function deleteResourceGroup(deps: ControlDeps, group: ResourceGroup): Promise<string> {
  return deps.store.db.transaction().execute(async (trx) => {
    if (!(await markGroupDeleting(trx, group.subscriptionId, group.name))) throw groupNotFound(group.name);
    return beginOperation(deps, trx, { resourceId: resourceGroupId(group) });
  });
}

/** Goes on with what is being deleted. Any number of servers may do so at once. */
export async function finishDeletions(deps: ControlDeps): Promise<void> {
  const { db } = deps.store;
  for (const registry of await findDeletingRegistries(db)) await finishRegistry(deps, registry);
  await db.transaction().execute(async (trx) => {
    for (const group of await deleteEmptiedGroups(trx)) {
      await endOperationsOf(trx, resourceGroupId(group), 'Succeeded');
      deps.log.info({ group: group.name }, 'a resource group was deleted');
    }
  });
}
