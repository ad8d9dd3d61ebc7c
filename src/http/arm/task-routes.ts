import {
  deleteTask,
  getTask,
  listTasks,
  listWebhooks,
  putTask,
  updateTask,
  type ControlDeps,
  type OpenTask,
} from '../../control/index.ts';
import { registryResourceId, type Registry } from '../../model/index.ts';
import { check, hideSecrets, revealSecrets, task as taskSchema, taskUpdate } from '../../spec/index.ts';
import { nextNamePage, readNamePage } from './name-page.ts';
import type { Router } from './router.ts';
import { taskBody } from './wire-task.ts';
import { webhookBody } from './wire-webhook.ts';

const kind = 'Microsoft.ContainerRegistry/registries/tasks';
const versions = 'tasks';

/** Tasks: list, get with and without secrets, create or replace, change, delete. */
export function taskRoutes(router: Router, control: ControlDeps): void {
  const { tenantId, publicUrl } = control.config;
  const hidden = (registry: Registry, task: OpenTask): object =>
    hideSecrets(taskBody(tenantId, registry, task));
  const one = '/tasks/:taskName';

  router.inRegistry(
    { method: 'GET', path: '/tasks', action: `${kind}/read`, versions },
    async ({ registry, query }) => {
      const { tasks, nextAfter } = await listTasks(control, registry, readNamePage(query));
      const value = tasks.map((task) => hidden(registry, task));
      return {
        value,
        ...nextNamePage(`${publicUrl}${registryResourceId(registry)}/tasks`, query, nextAfter),
      };
    },
  );
  router.inRegistry(
    { method: 'GET', path: one, action: `${kind}/read`, versions },
    async ({ registry, params }) => hidden(registry, await getTask(control, registry, params.taskName ?? '')),
  );
  router.inRegistry(
    { method: 'POST', path: `${one}/listDetails`, action: `${kind}/listDetails/action`, versions },
    async ({ registry, params }) =>
      revealSecrets(taskBody(tenantId, registry, await getTask(control, registry, params.taskName ?? ''))),
  );
  // Ours: where the providers of the task's repositories send their events, and under which secret.
  router.inRegistry(
    { method: 'POST', path: `${one}/listWebhooks`, action: `${kind}/listWebhooks/action`, versions },
    async ({ registry, params }) => {
      const webhooks = await listWebhooks(control, registry, params.taskName ?? '');
      return { value: webhooks.map(webhookBody) };
    },
  );
  router.inRegistry(
    { method: 'PUT', path: one, action: `${kind}/write`, versions },
    async ({ registry, params, caller, body, reply }) => {
      const request = check(taskSchema, body);
      const { task, isNew } = await putTask(control, caller, registry, params.taskName ?? '', request);
      reply.code(isNew && !isAz(reply.request.headers['user-agent']) ? 201 : 200);
      return hidden(registry, task);
    },
  );
  router.inRegistry(
    { method: 'PATCH', path: one, action: `${kind}/write`, versions },
    async ({ registry, params, caller, body }) => {
      const patch = check(taskUpdate, body);
      return hidden(registry, await updateTask(control, caller, registry, params.taskName ?? '', patch));
    },
  );
  router.inRegistry(
    { method: 'DELETE', path: one, action: `${kind}/delete`, versions },
    async ({ registry, params, reply }) => {
      const wasThere = await deleteTask(control, registry, params.taskName ?? '');
      await reply.code(wasThere ? 200 : 204).send();
    },
  );
}

/**
 * Whether az calls: its `task create` cannot print the answer of a 201 and fails. The hosted service answers
 * it 200, also for a new task; every other client gets what the specification says.
 */
function isAz(userAgent: string | undefined): boolean {
  return /^azurecli\//i.test(userAgent ?? '');
}
