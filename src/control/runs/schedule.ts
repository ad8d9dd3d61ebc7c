import {
  defaultPoolName,
  dockerPlatform,
  runIdOf,
  runQueueName,
  ServiceError,
  type Registry,
  type Run,
  type RunType,
} from '../../model/index.ts';
import type { DockerBuildRequest, RunRequest, TaskRunRequest } from '../../spec/index.ts';
import {
  appendToLog,
  countLiveAgents,
  findPoolNames,
  insertRun,
  nextRunNumber,
  notify,
} from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { sealSecrets } from '../sealed.ts';
import { taskNameIn } from '../tasks/task-id.ts';
import { taskBuildRequest, type TaskBuildRequest } from '../tasks/task-request.ts';
import { getTask } from '../tasks/tasks.ts';
import { checkExpressions, expandRequest, runValues } from './expand-request.ts';
import { logLine } from './log-lines.ts';
import { isUploadPath, requireUpload } from './source-location.ts';
import { requireSupported } from './supported-request.ts';

/** A request that was found sound, and what its run begins with. */
export interface PreparedRun {
  readonly request: TaskBuildRequest;
  /** As the task is spelt. */
  readonly taskName: string | undefined;
  readonly runType: RunType;
  readonly pool: string;
  readonly queueName: string;
  readonly isAgentConnected: boolean;
}

/**
 * Checks a request against what is there; outside of any transaction.
 * @throws ServiceError 400 for a source that is not there or a pool that nobody knows; 404 for a task that is
 * not there, 409 for one that is disabled.
 */
export async function prepareRun(
  deps: ControlDeps,
  registry: Registry,
  runRequest: RunRequest,
  options: { readonly runType?: RunType } = {},
): Promise<PreparedRun> {
  const { taskName, ...asked } = await buildRequestOf(deps, registry, runRequest);
  const request = requireSupported(asked.request);
  checkExpressions(request);
  if (isUploadPath(request.sourceLocation)) await requireUpload(deps, registry, request.sourceLocation);
  const pool = request.agentPoolName ?? defaultPoolName;
  await requirePool(deps, pool);
  const queueName = runQueueName(pool, request.platform.os);
  await deps.queue.ensure(queueName);
  const queue = { pool, os: request.platform.os };
  const liveAgents = await countLiveAgents(deps.store.db, deps.config.leaseSeconds * 2, queue);
  const { runType = taskName === undefined ? 'QuickBuild' : 'QuickRun' } = options;
  return { request, taskName, runType, pool, queueName, isAgentConnected: liveAgents > 0 };
}

/** The request itself, or what the task that it is for makes of it. */
async function buildRequestOf(
  deps: ControlDeps,
  registry: Registry,
  request: RunRequest,
): Promise<{ request: Exclude<RunRequest, TaskRunRequest>; taskName: string | undefined }> {
  if (request.type !== 'TaskRunRequest') return { request, taskName: undefined };
  const task = await getTask(deps, registry, taskNameIn(registry, request.taskId), 'taskId');
  return { request: taskBuildRequest(registry, task, request), taskName: task.name };
}

/** Stores a run and its ticket in the caller's transaction: it is queued when that commits. */
export async function queueRun(
  deps: ControlDeps,
  trx: Parameters<typeof insertRun>[0],
  registry: Registry,
  prepared: PreparedRun,
): Promise<Run> {
  const { taskName, runType, pool, queueName, isAgentConnected } = prepared;
  const now = deps.now();
  const runId = runIdOf(await nextRunNumber(trx, registry.registryId));
  const values = runValues(registry, { runId, taskName, now }, prepared.request);
  const request = expandRequest(prepared.request, values);
  const loginMode = request.credentials?.sourceRegistry?.loginMode;
  const run = await insertRun(trx, {
    registryId: registry.registryId,
    runId,
    runType,
    taskName,
    queueName,
    agentPoolName: request.agentPoolName,
    request: sealSecrets(deps.sealer, registry.registryId, request),
    platform: request.platform,
    cpu: request.agentConfiguration.cpu,
    timeoutSeconds: request.timeout,
    isArchiveEnabled: request.isArchiveEnabled,
    sourceRegistryAuth: loginMode === 'Default' ? undefined : loginMode,
    customRegistries: Object.keys(request.credentials?.customRegistries ?? {}),
    now,
  });
  if (!isAgentConnected) await appendToLog(trx, run.runKey, logLine(now, waitingMessage(pool, request)));
  await deps.queue.enqueue(trx, queueName, run.runKey);
  await notify(trx, 'queued', queueName);
  return run;
}

/** Registries_ScheduleRun: queues a run and answers it `Queued`. @throws ServiceError as `prepareRun`. */
export async function scheduleRun(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  request: RunRequest,
): Promise<Run> {
  const prepared = await prepareRun(deps, registry, request);
  const run = await deps.store.db.transaction().execute((trx) => queueRun(deps, trx, registry, prepared));
  deps.log.info({ runId: run.runId, registry: registry.name, by: caller.displayName }, 'run queued');
  return run;
}

function waitingMessage(pool: string, { platform }: DockerBuildRequest): string {
  return (
    `Waiting for an agent of pool '${pool}' that runs ${dockerPlatform(platform)}: none is connected. ` +
    `Start one on a ${platform.os} machine with: slipway agent --pool ${pool}`
  );
}

async function requirePool(deps: ControlDeps, pool: string): Promise<void> {
  if (pool.toLowerCase() === defaultPoolName) return;
  const names = await findPoolNames(deps.store.db);
  if (names.some((name) => name.toLowerCase() === pool.toLowerCase())) return;
  const others = names.filter((name) => name !== defaultPoolName);
  throw new ServiceError(
    400,
    'AgentPoolNotFound',
    `there is no agent pool ${JSON.stringify(pool)}; ` +
      (others.length > 0
        ? `the pools are ${others.join(', ')}`
        : 'leave agentPoolName out for the default pool') +
      `, or start an agent with: slipway agent --pool ${pool}`,
    { target: 'agentPoolName' },
  );
}
