import {
  deleteTaskRun,
  getTaskRun,
  listTaskRuns,
  putTaskRun,
  taskRunResourceId,
  updateTaskRun,
  type ControlDeps,
} from '../../control/index.ts';
import { registryResourceId, type Registry } from '../../model/index.ts';
import { check, revealSecrets, taskRun, taskRunUpdate } from '../../spec/index.ts';
import { nextNamePage, readNamePage } from './name-page.ts';
import { operationUrl, retryAfterSeconds } from './operation-routes.ts';
import type { ArmRequest, Router } from './router.ts';
import { taskRunBody } from './wire-task-run.ts';

const kind = 'Microsoft.ContainerRegistry/registries/taskRuns';
const versions = 'tasks';

/** Task runs: list, get, create, update, delete, listDetails. */
export function taskRunRoutes(router: Router, control: ControlDeps): void {
  router.inRegistry(
    { method: 'GET', path: '/taskRuns', action: `${kind}/read`, versions },
    async ({ registry, query }) => {
      const { taskRuns, nextAfter } = await listTaskRuns(control, registry, readNamePage(query));
      const url = `${control.config.publicUrl}${registryResourceId(registry)}/taskRuns`;
      return {
        value: taskRuns.map((each) => taskRunBody(registry, each)),
        ...nextNamePage(url, query, nextAfter),
      };
    },
  );
  const one = '/taskRuns/:taskRunName';
  router.inRegistry(
    { method: 'GET', path: one, action: `${kind}/read`, versions },
    async ({ registry, params }) =>
      taskRunBody(registry, await getTaskRun(control, registry, params.taskRunName ?? '')),
  );
  router.inRegistry(
    { method: 'POST', path: `${one}/listDetails`, action: `${kind}/listDetails/action`, versions },
    async ({ registry, params }) => {
      const found = await getTaskRun(control, registry, params.taskRunName ?? '');
      return taskRunBody(registry, found, revealSecrets);
    },
  );
  router.inRegistry({ method: 'PUT', path: one, action: `${kind}/write`, versions }, async (request) => {
    const { registry, caller, params, body } = request;
    const wanted = check(taskRun, body);
    return answer(request, await putTaskRun(control, caller, registry, params.taskRunName ?? '', wanted));
  });
  router.inRegistry({ method: 'PATCH', path: one, action: `${kind}/write`, versions }, async (request) => {
    const { registry, caller, params, body } = request;
    const patch = check(taskRunUpdate, body);
    return answer(request, await updateTaskRun(control, caller, registry, params.taskRunName ?? '', patch));
  });
  router.inRegistry(
    { method: 'DELETE', path: one, action: `${kind}/delete`, versions },
    async ({ registry, params, reply }) => {
      const isDeleted = await deleteTaskRun(control, registry, params.taskRunName ?? '');
      await reply.code(isDeleted ? 200 : 204).send();
    },
  );

  /** 201 with where to ask for the operation when a run began. */
  async function answer(
    { registry, query, reply }: ArmRequest & { registry: Registry },
    { name, operationId }: Awaited<ReturnType<typeof putTaskRun>>,
  ) {
    if (operationId !== undefined) {
      const resourceId = taskRunResourceId(registry, name);
      const operation = { resourceId, operationId, apiVersion: query['api-version'] };
      reply
        .code(201)
        .header('azure-asyncoperation', operationUrl(control, operation, 'operationStatuses'))
        .header('retry-after', retryAfterSeconds);
    }
    return taskRunBody(registry, await getTaskRun(control, registry, name));
  }
}
