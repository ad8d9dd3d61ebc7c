import { registryResourceId, type Registry } from '../../model/index.ts';
import type { Identity, RunRequest } from '../../spec/index.ts';
import {
  deleteTaskRunRow,
  findTaskRun,
  listTaskRuns as selectTaskRuns,
  type StoredTaskRun,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { stopRun } from '../runs/cancel.ts';
import { openSecrets } from '../sealed.ts';
import { describeIdentity } from './identity.ts';
import { notFoundIn } from './not-found.ts';

/** A task run and the run that it began last. */
export interface TaskRunResource extends Omit<StoredTaskRun, 'runRequest' | 'identity'> {
  readonly runRequest: RunRequest;
  readonly identity: Identity | undefined;
}

/** `{registry}/taskRuns/{name}`. */
export function taskRunResourceId(registry: Registry, name: string): string {
  return `${registryResourceId(registry)}/taskRuns/${name}`;
}

/** TaskRuns_Get and TaskRuns_GetDetails. @throws ServiceError 404 `ResourceNotFound`. */
export async function getTaskRun(
  deps: ControlDeps,
  registry: Registry,
  name: string,
): Promise<TaskRunResource> {
  const found = await findTaskRunIn(deps, registry, name);
  if (found) return found;
  throw notFoundIn(registry, `taskRuns/${name}`);
}

export async function findTaskRunIn(
  deps: ControlDeps,
  registry: Registry,
  name: string,
): Promise<TaskRunResource | undefined> {
  const found = await findTaskRun(deps.store.db, registry.registryId, name);
  return found && opened(deps, registry, found);
}

export const taskRunsPerPage = 100;

/** TaskRuns_List by name, in pages of at most 100; `nextAfter` is there when more may follow. */
export async function listTaskRuns(
  deps: ControlDeps,
  registry: Registry,
  { after }: { after?: string },
): Promise<{ taskRuns: TaskRunResource[]; nextAfter?: string }> {
  const page = { after, limit: taskRunsPerPage + 1 };
  const found = await selectTaskRuns(deps.store.db, registry.registryId, page);
  const taskRuns = found.slice(0, taskRunsPerPage).map((each) => opened(deps, registry, each));
  const last = taskRuns.at(-1);
  return found.length > taskRunsPerPage && last ? { taskRuns, nextAfter: last.name } : { taskRuns };
}

/** TaskRuns_Delete: cancels its run if that is under way. False when there is no such task run. */
export async function deleteTaskRun(deps: ControlDeps, registry: Registry, name: string): Promise<boolean> {
  return deps.store.db.transaction().execute(async (trx) => {
    const deleted = await deleteTaskRunRow(trx, registry.registryId, name);
    if (deleted && deleted.runKey !== null) await stopRun(deps, trx, deleted.runKey);
    return deleted !== undefined;
  });
}

function opened(deps: ControlDeps, registry: Registry, stored: StoredTaskRun): TaskRunResource {
  const { principalId, identity, runRequest } = stored;
  const { tenantId } = deps.config;
  return {
    ...stored,
    identity: identity && describeIdentity(identity, principalId, tenantId),
    runRequest: openSecrets(deps.sealer, registry.registryId, runRequest) as RunRequest, // as it was sealed
  };
}
