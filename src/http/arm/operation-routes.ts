import { getOperation, type ControlDeps } from '../../control/index.ts';
import { registryResourceId, type Operation } from '../../model/index.ts';
import type { Router } from './router.ts';
import { wireTime } from './wire-time.ts';

const kind = 'Microsoft.ContainerRegistry/registries';
const versions = 'tasks';

/** Seconds after which a client asks again. */
export const retryAfterSeconds = 2;

/** Where a client asks for an operation: the value of `Azure-AsyncOperation` or of `Location`. */
export function operationUrl(
  control: ControlDeps,
  operation: { resourceId: string; operationId: string; apiVersion: string | undefined },
  collection: 'operationStatuses' | 'operationResults',
): string {
  const { resourceId, operationId, apiVersion = '' } = operation;
  const query = new URLSearchParams({ 'api-version': apiVersion });
  return `${control.config.publicUrl}${resourceId}/${collection}/${operationId}?${query}`;
}

/**
 * What clients poll, below the resources that have long-running operations: `operationStatuses` answers 200
 * with the status, `operationResults` 202 until the end and then 200.
 */
export function operationRoutes(router: Router, control: ControlDeps): void {
  for (const collection of ['agentPools', 'taskRuns'] as const) {
    const resource = `/${collection}/:resourceName`;
    const action = `${kind}/${collection}/read`;
    router.inRegistry(
      { method: 'GET', path: `${resource}/operationStatuses/:operationId`, action, versions },
      async ({ registry, params, reply }) => {
        const id = `${registryResourceId(registry)}/${collection}/${params.resourceName}`;
        const operation = await getOperation(control, id, params.operationId ?? '');
        if (operation.status === 'InProgress') reply.header('retry-after', retryAfterSeconds);
        return operationBody(id, operation);
      },
    );
    router.inRegistry(
      { method: 'GET', path: `${resource}/operationResults/:operationId`, action, versions },
      async ({ registry, params, query, reply }) => {
        const resourceId = `${registryResourceId(registry)}/${collection}/${params.resourceName}`;
        const { operationId, status } = await getOperation(control, resourceId, params.operationId ?? '');
        const asked = { resourceId, operationId, apiVersion: query['api-version'] };
        if (status === 'InProgress') {
          reply
            .code(202)
            .header('location', operationUrl(control, asked, 'operationResults'))
            .header('retry-after', retryAfterSeconds);
        }
        await reply.send();
      },
    );
  }
}

function operationBody(resourceId: string, operation: Operation) {
  const { operationId, status, error, startTime, endTime } = operation;
  return {
    id: `${resourceId}/operationStatuses/${operationId}`,
    name: operationId,
    status,
    startTime: wireTime(startTime),
    ...(endTime && { endTime: wireTime(endTime) }),
    ...(error && { error }),
  };
}
