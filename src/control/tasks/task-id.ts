import { registryResourceId, ServiceError, type Registry } from '../../model/index.ts';
import { isName } from '../../spec/index.ts';

/** `/subscriptions/…/registries/{registry}/tasks/{name}` of a task. */
export function taskResourceId(registry: Registry, name: string): string {
  return `${registryResourceId(registry)}/tasks/${name}`;
}

/**
 * The name of the task that a `taskId` means, in any case.
 * @throws ServiceError 400 for what is no id of a task, and for a task of another registry.
 */
export function taskNameIn(registry: Registry, taskId: string): string {
  const refuse = (what: string): never => {
    const message = `taskId is ${JSON.stringify(taskId)}; ${what} such as ${taskResourceId(registry, 'mytask')}`;
    throw new ServiceError(400, 'InvalidParameter', message, { target: 'taskId' });
  };
  const [, ofRegistry, name = ''] = /^(\/.+)\/tasks\/([^/]+)$/i.exec(taskId) ?? [];
  if (ofRegistry === undefined || !isName('taskName', name))
    return refuse('it must be the resource ID of a task');
  if (ofRegistry.toLowerCase() !== registryResourceId(registry).toLowerCase())
    return refuse(`it must be a task of this registry, ${registry.name},`);
  return name;
}
