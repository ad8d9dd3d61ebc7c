import type { Registry, RunTrigger } from '../../model/index.ts';
import { check, runRequest, type RunRequest } from '../../spec/index.ts';
import { taskResourceId } from '../tasks/task-id.ts';
import type { OpenTask } from '../tasks/tasks.ts';

/** The request of a run that a trigger starts: the task as it is, on the very commit that was pushed. */
export function triggeredRequest(registry: Registry, task: OpenTask, trigger: RunTrigger): RunRequest {
  const contextPath = trigger.kind === 'source' ? commitOf(task, trigger) : undefined;
  return check(runRequest, {
    type: 'TaskRunRequest',
    taskId: taskResourceId(registry, task.name),
    ...(contextPath !== undefined && { overrideTaskStepProperties: { contextPath } }),
  });
}

/** The task's context at the commit of the event; undefined when its context is not in that repository. */
function commitOf(
  task: OpenTask,
  { repositoryUrl, commitId }: Extract<RunTrigger, { kind: 'source' }>,
): string | undefined {
  const context = task.properties.step?.contextPath ?? '';
  const [url = '', fragment = ''] = context.split('#', 2);
  if (repositoryKey(url) !== repositoryKey(repositoryUrl)) return undefined;
  const colon = fragment.indexOf(':');
  const folder = colon === -1 ? '' : fragment.slice(colon);
  return `${url}#${commitId}${folder}`;
}

/**
 * What is the same for two addresses of one repository: without scheme, credentials and `.git`, in lower case.
 */
export function repositoryKey(url: string): string {
  return url
    .replace(/#.*$/s, '')
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/^[^/@]*@/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .toLowerCase();
}
