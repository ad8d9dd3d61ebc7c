import { ServiceError, type Operation } from '../model/index.ts';
import { deleteOperationsBefore, findOperation, insertOperation, type NewOperation } from '../store/index.ts';
import type { ControlDeps } from './deps.ts';

/** How long an ended operation can still be asked for: two days. */
const keptMs = 2 * 24 * 3600 * 1000;

/**
 * Begins a long-running operation on a resource, in the transaction that begins the work itself. Whoever
 * ends the work calls `endOperationsOf` of the store; an operation with a `runKey` ends with that run.
 * @returns its id, for `Azure-AsyncOperation` (`{resourceId}/operationStatuses/{id}`) or `Location`
 * (`{resourceId}/operationResults/{id}`).
 */
export async function beginOperation(
  deps: ControlDeps,
  trx: Parameters<typeof insertOperation>[0],
  operation: Omit<NewOperation, 'operationId'>,
): Promise<string> {
  const operationId = deps.newId();
  await insertOperation(trx, { ...operation, operationId });
  return operationId;
}

/** @throws ServiceError 404 `OperationNotFound`. */
export async function getOperation(
  deps: ControlDeps,
  resourceId: string,
  operationId: string,
): Promise<Operation> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(operationId);
  const found = isId ? await findOperation(deps.store.db, resourceId, operationId) : undefined;
  if (found) return found;
  throw new ServiceError(
    404,
    'OperationNotFound',
    `there is no operation ${operationId} of ${resourceId}; ended ones are kept for two days`,
  );
}

/** Forgets operations that ended long ago. */
export async function forgetOperations(deps: ControlDeps): Promise<number> {
  return deleteOperationsBefore(deps.store.db, new Date(deps.now().getTime() - keptMs));
}
