import { ServiceError, type Registry } from '../../model/index.ts';
import { check, mergePatch, task as taskSchema, type Patch, type Task } from '../../spec/index.ts';
import {
  deleteTaskRow,
  findTask,
  findTasks,
  insertTask,
  lockTask,
  updateTaskRow,
  type StoredTask,
  type TaskSettings,
} from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { touchedBy } from '../resources/registries.ts';
import { notFoundIn } from '../resources/not-found.ts';
import { sealSecrets } from '../sealed.ts';
import { keepHooks } from '../triggers/hooks.ts';
import { keepTimers } from '../triggers/timers.ts';
import { identityAfter, identityRequestOf } from './identity.ts';
import { openTask, type OpenTask } from './open-task.ts';

export type { OpenTask };

/** Tasks_Get; `target` is the member of a body that names the task. @throws ServiceError 404 `ResourceNotFound`. */
export async function getTask(
  deps: ControlDeps,
  registry: Registry,
  name: string,
  target?: string,
): Promise<OpenTask> {
  const found = await findTask(deps.store.db, registry.registryId, name);
  if (found) return openTask(deps, found);
  throw notFoundIn(registry, `tasks/${name}`, target === undefined ? {} : { target });
}

export const tasksPerPage = 100;

/** Tasks_List, by name, in pages; `nextAfter` is there when more may follow. */
export async function listTasks(
  deps: ControlDeps,
  registry: Registry,
  page: { after?: string },
): Promise<{ tasks: OpenTask[]; nextAfter?: string }> {
  const found = await findTasks(deps.store.db, registry.registryId, {
    after: page.after,
    limit: tasksPerPage + 1,
  });
  const tasks = found.slice(0, tasksPerPage).map((each) => openTask(deps, each));
  const last = tasks.at(-1);
  return found.length > tasksPerPage && last ? { tasks, nextAfter: last.name } : { tasks };
}

/**
 * Tasks_Create: makes a task, or replaces all of it but its name, creation date and system-assigned
 * principal. @throws ServiceError 409 `InvalidResourceLocation`.
 */
export async function putTask(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  name: string,
  request: Task,
): Promise<{ task: OpenTask; isNew: boolean }> {
  const { registryId } = registry;
  const result = await deps.store.db.transaction().execute(async (trx) => {
    const created = await insertTask(trx, registryId, name, settingsOf(deps, caller, registryId, request));
    if (created) {
      await keepTriggers(deps, trx, registryId, name, request.properties);
      return { task: openTask(deps, created), isNew: true };
    }
    const existing = await lockTask(trx, registryId, name);
    if (!existing) return undefined; // deleted just now
    if (existing.location.toLowerCase() !== request.location.toLowerCase()) {
      const message = `The task ${existing.name} is in location '${existing.location}'; a task cannot move to another.`;
      throw new ServiceError(409, 'InvalidResourceLocation', message, { target: 'location' });
    }
    const settings = settingsOf(deps, caller, registryId, request, existing);
    await keepTriggers(deps, trx, registryId, name, request.properties);
    return { task: openTask(deps, await updateTaskRow(trx, existing, settings)), isNew: false };
  });
  return result ?? putTask(deps, caller, registry, name, request);
}

/** Tasks_Update. @throws ServiceError 404; 400 when the task would not be sound afterwards. */
export async function updateTask(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  name: string,
  patch: Patch<Task>,
): Promise<OpenTask> {
  const { registryId } = registry;
  return deps.store.db.transaction().execute(async (trx) => {
    const existing = await lockTask(trx, registryId, name);
    if (!existing) throw notFoundIn(registry, `tasks/${name}`);
    const current = requestOf(openTask(deps, existing));
    const request = check(taskSchema, mergePatch(taskSchema, current, patch));
    const settings = settingsOf(deps, caller, registryId, request, existing);
    await keepTriggers(deps, trx, registryId, name, request.properties);
    return openTask(deps, await updateTaskRow(trx, existing, settings));
  });
}

/** Tasks_Delete; its runs stay. Answers whether it was there. */
export async function deleteTask(deps: ControlDeps, registry: Registry, name: string): Promise<boolean> {
  const { registryId } = registry;
  return deps.store.db.transaction().execute(async (trx) => {
    const wasThere = await deleteTaskRow(trx, registryId, name);
    if (wasThere) await keepHooks(deps, trx, registryId, name, { status: 'Disabled' }, deps.now());
    return wasThere;
  });
}

/** Keeps what of a task's triggers stands beside it. */
async function keepTriggers(
  deps: ControlDeps,
  trx: Parameters<typeof keepTimers>[1],
  registryId: string,
  name: string,
  properties: Task['properties'],
): Promise<void> {
  await keepTimers(deps, trx, registryId, name, properties);
  await keepHooks(deps, trx, registryId, name, properties, deps.now());
}

function settingsOf(
  deps: ControlDeps,
  caller: Caller,
  registryId: string,
  { location, tags = {}, identity: sent = { type: 'None' }, properties }: Task,
  before?: StoredTask,
): TaskSettings {
  const identity = identityAfter(before?.identity, sent, deps.newId);
  return {
    location,
    tags,
    ...(identity && { identity }),
    properties: sealSecrets(deps.sealer, registryId, properties),
    systemData: touchedBy(caller, deps.now(), before?.systemData),
  };
}

/** The request that would make the task as it is. */
function requestOf({ location, tags, identity, properties }: OpenTask): object {
  return { location, tags, ...(identity && { identity: identityRequestOf(identity) }), properties };
}
