import { isDeepStrictEqual } from 'node:util';
import { isFinal, ServiceError, type Registry } from '../../model/index.ts';
import {
  check,
  mergePatch,
  revealSecrets,
  taskRun as taskRunSchema,
  type Patch,
  type RunRequest,
  type TaskRun,
} from '../../spec/index.ts';
import { changeTaskRun, insertTaskRun, setRunOfTaskRun, type TaskRunSettings } from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { beginOperation } from '../operations.ts';
import { prepareRun, queueRun, type PreparedRun } from '../runs/schedule.ts';
import { sealSecrets } from '../sealed.ts';
import { requireSystemIdentity } from './identity.ts';
import { notFoundIn } from './not-found.ts';
import { touchedBy } from './registries.ts';
import { findTaskRunIn, taskRunResourceId, type TaskRunResource } from './task-runs.ts';

/** A task run after a PUT or PATCH; `operationId` is there when that began a run. */
export interface PutTaskRun {
  readonly name: string;
  readonly operationId?: string;
}

/**
 * TaskRuns_Create: runs a new task run, and one whose request or `forceUpdateTag` is another than before.
 * @throws ServiceError 409 `TaskRunInProgress` while an earlier run is under way; and as `prepareRun`.
 */
export function putTaskRun(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  name: string,
  wanted: TaskRun,
): Promise<PutTaskRun> {
  return makeSo(deps, caller, registry, name, () => wanted);
}

/** TaskRuns_Update, likewise. @throws ServiceError 404 `ResourceNotFound`; and as `putTaskRun`. */
export function updateTaskRun(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  name: string,
  patch: Patch<TaskRun>,
): Promise<PutTaskRun> {
  return makeSo(deps, caller, registry, name, (current) => {
    if (!current) throw notFoundIn(registry, `taskRuns/${name}`);
    const { location, tags, identity, runRequest, forceUpdateTag } = current;
    const before = { location, tags, identity, properties: { runRequest, forceUpdateTag } };
    return check(taskRunSchema, mergePatch(taskRunSchema, before, patch));
  });
}

/** Brings a task run to what `wantedOf` makes of it; begins again when another caller was faster. */
async function makeSo(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  name: string,
  wantedOf: (current: TaskRunResource | undefined) => TaskRun,
): Promise<PutTaskRun> {
  for (;;) {
    const current = await findTaskRunIn(deps, registry, name);
    const wanted = withoutEmptyCredentials(wantedOf(current));
    requireSystemIdentity(wanted.identity, sourceLogin(wanted.properties.runRequest));
    const settings = settingsOf(deps, caller, registry, wanted, current);
    if (current && isSameRun(current, wanted)) {
      const isChanged = await changeTaskRun(deps.store.db, registry.registryId, current, settings);
      if (isChanged) return { name: current.name };
    } else {
      if (current) requireRunEnded(registry, current);
      const prepared = await prepare(deps, caller, registry, wanted.properties.runRequest);
      const begun = await beginRun(deps, registry, current, { ...settings, name }, prepared);
      if (begun) return begun;
    }
  }
}

/** Stores the task run, its run and the operation, or nothing: undefined when another caller was faster. */
function beginRun(
  deps: ControlDeps,
  registry: Registry,
  current: TaskRunResource | undefined,
  wanted: TaskRunSettings & { readonly name: string },
  prepared: PreparedRun,
): Promise<PutTaskRun | undefined> {
  const { registryId } = registry;
  return deps.store.db.transaction().execute(async (trx) => {
    const isOurs = current
      ? await changeTaskRun(trx, registryId, current, wanted)
      : await insertTaskRun(trx, registryId, { ...wanted, principalId: deps.newId() });
    if (!isOurs) return undefined;
    const { name } = current ?? wanted;
    const { runKey, runId } = await queueRun(deps, trx, registry, prepared);
    await setRunOfTaskRun(trx, registryId, name, { runKey, isUpdate: current !== undefined });
    const resourceId = taskRunResourceId(registry, name);
    const operationId = await beginOperation(deps, trx, { resourceId, runKey });
    deps.log.info({ runId, taskRun: name, registry: registry.name }, 'task run queued');
    return { name, operationId };
  });
}

/** Whether what is wanted was run already; secrets are compared by their values. */
function isSameRun(current: TaskRunResource, { properties }: TaskRun): boolean {
  return (
    current.forceUpdateTag === properties.forceUpdateTag &&
    isDeepStrictEqual(revealSecrets(current.runRequest), revealSecrets(properties.runRequest))
  );
}

function requireRunEnded(registry: Registry, { name, run }: TaskRunResource): void {
  if (!run || isFinal(run.status)) return;
  throw new ServiceError(
    409,
    'TaskRunInProgress',
    `task run ${name} is at work: its run ${run.runId} is ${run.status}; wait until it has ended, or cancel ` +
      `it with: az acr task cancel-run -r ${registry.name} --run-id ${run.runId}; then send this request again`,
  );
}

/** As `prepareRun`, with the members that it refuses named as they stand in a task run. */
async function prepare(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  request: RunRequest,
): Promise<PreparedRun> {
  try {
    return await prepareRun(deps, registry, request, { runType: 'QuickRun', requestedBy: caller.clientId });
  } catch (error) {
    if (!(error instanceof ServiceError) || error.target === undefined) throw error;
    const { statusCode, code, message, target, details } = error;
    const inTaskRun = (path: string): string => `properties.runRequest.${path}`;
    throw new ServiceError(statusCode, code, message, {
      target: inTaskRun(target),
      details: details.map((each) =>
        each.target === undefined ? each : { ...each, target: inTaskRun(each.target) },
      ),
      cause: error,
    });
  }
}

function sourceLogin(request: RunRequest): string | undefined {
  return request.type === 'TaskRunRequest' ? undefined : request.credentials?.sourceRegistry?.identity;
}

/** Clients send `"credentials": {}` for none. */
function withoutEmptyCredentials(wanted: TaskRun): TaskRun {
  const { runRequest } = wanted.properties;
  if (runRequest.type === 'TaskRunRequest' || Object.keys(runRequest.credentials ?? {}).length > 0)
    return wanted;
  const { credentials: _none, ...request } = runRequest;
  return { ...wanted, properties: { ...wanted.properties, runRequest: request } };
}

function settingsOf(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  { location, tags, identity, properties }: TaskRun,
  current: TaskRunResource | undefined,
): TaskRunSettings {
  return {
    location,
    tags,
    identity,
    runRequest: sealSecrets(deps.sealer, registry.registryId, properties.runRequest),
    forceUpdateTag: properties.forceUpdateTag,
    systemData: touchedBy(caller, deps.now(), current?.systemData),
  };
}
