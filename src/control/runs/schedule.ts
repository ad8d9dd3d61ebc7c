import {
  agentPoolPlace,
  defaultPoolName,
  dockerPlatform,
  runIdOf,
  runQueueName,
  ServiceError,
  type AgentPool,
  type Registry,
  type Run,
  type RunTrigger,
  type RunType,
  type TimerRunTrigger,
} from '../../model/index.ts';
import type { RunRequest } from '../../spec/index.ts';
import {
  appendToLog,
  countLiveAgents,
  findAgentPool,
  findAgentPools,
  holdAgentPool,
  insertRun,
  nextRunNumber,
  notify,
} from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { announceRun } from '../events/announce.ts';
import { sealSecrets } from '../sealed.ts';
import { taskNameIn } from '../tasks/task-id.ts';
import { taskWorkRequest, type WorkRequest } from '../tasks/task-request.ts';
import { getTask } from '../tasks/tasks.ts';
import { requireLogTemplate } from './log-artifacts.ts';
import { logLine } from './log-lines.ts';
import { isUploadPath, keepUpload, requireUpload } from './source-location.ts';
import { checkTemplates } from './templates.ts';

/** A request that was found sound, and what its run begins with. */
export interface PreparedRun {
  readonly request: WorkRequest;
  /** As the task is spelt. */
  readonly taskName: string | undefined;
  readonly runType: RunType;
  /** Client id of whom the run acts for. */
  readonly requestedBy: string | undefined;
  /** What starts it by itself. */
  readonly trigger: RunTrigger | undefined;
  /** Undefined for the default pool. */
  readonly pool: AgentPool | undefined;
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
  options: {
    readonly runType?: RunType;
    readonly requestedBy?: string;
    readonly trigger?: RunTrigger;
  } = {},
): Promise<PreparedRun> {
  const { request, taskName, changedBy } = await workRequestOf(deps, registry, runRequest);
  checkTemplates(registry, request, { taskName, trigger: options.trigger, now: deps.now() });
  const { sourceLocation } = request;
  if (isUploadPath(sourceLocation)) await requireUpload(deps, registry, sourceLocation);
  if (request.logTemplate) {
    const named = {
      platform: request.platform,
      createTime: deps.now(),
      taskName,
      ...(options.trigger && { trigger: options.trigger }),
    };
    requireLogTemplate(registry, named, request.logTemplate);
  }
  const { os } = request.platform;
  const pool = await requirePool(deps, registry, request.agentPoolName, os);
  const queueName = runQueueName(pool, os);
  await deps.queue.ensure(queueName);
  if (pool) await deps.queue.ensure(runQueueName(undefined, os)); // its runs go there should it be deleted
  const queue = { poolId: pool?.poolId, os };
  const liveAgents = await countLiveAgents(deps.store.db, deps.config.leaseSeconds * 2, queue);
  const { trigger, runType = runTypeOf(request, taskName, trigger) } = options;
  const requestedBy = changedBy ?? options.requestedBy;
  const isAgentConnected = liveAgents > 0;
  return { request, taskName, runType, requestedBy, trigger, pool, queueName, isAgentConnected };
}

/** RunType of a run that is not said to be another (recordings of the service). */
function runTypeOf(
  { type }: PreparedRun['request'],
  taskName: string | undefined,
  trigger: RunTrigger | undefined,
): RunType {
  const isBuild = type === 'DockerBuildRequest';
  if (trigger) return isBuild ? 'AutoBuild' : 'AutoRun';
  return isBuild && taskName === undefined ? 'QuickBuild' : 'QuickRun';
}

/** The request itself, or what the task that it is for makes of it. */
async function workRequestOf(
  deps: ControlDeps,
  registry: Registry,
  request: RunRequest,
): Promise<{
  request: WorkRequest;
  taskName: string | undefined;
  /** Who decided last what the task's runs do. */
  changedBy?: string;
}> {
  if (request.type !== 'TaskRunRequest') return { request, taskName: undefined };
  const task = await getTask(deps, registry, taskNameIn(registry, request.taskId), 'taskId');
  return {
    request: taskWorkRequest(registry, task, request),
    taskName: task.name,
    changedBy: task.systemData.lastModifiedBy,
  };
}

/** Stores a run and its ticket in the caller's transaction: it is queued when that commits. */
export async function queueRun(
  deps: ControlDeps,
  trx: Parameters<typeof insertRun>[0],
  registry: Registry,
  prepared: PreparedRun,
): Promise<Run> {
  const { request, taskName, runType, requestedBy, trigger, pool, queueName, isAgentConnected } = prepared;
  if (pool && !(await holdAgentPool(trx, pool.poolId))) throw await noSuchPool(trx, registry, pool.name);
  const now = deps.now();
  const runId = runIdOf(await nextRunNumber(trx, registry.registryId));
  const { sourceLocation } = request;
  if (isUploadPath(sourceLocation)) await keepUpload(deps, trx, registry, sourceLocation);
  const loginMode = request.credentials?.sourceRegistry?.loginMode;
  const run = await insertRun(trx, {
    registryId: registry.registryId,
    runId,
    runType,
    taskName,
    ...(trigger && { trigger }),
    queueName,
    agentPoolName: request.agentPoolName || undefined,
    request: sealSecrets(deps.sealer, registry.registryId, request),
    platform: request.platform,
    cpu: request.agentConfiguration.cpu,
    timeoutSeconds: request.timeout,
    isArchiveEnabled: request.isArchiveEnabled,
    logTemplate: request.logTemplate || undefined, // an empty one means none
    requestedBy,
    sourceRegistryAuth: loginMode === 'Default' ? undefined : loginMode,
    customRegistries: Object.keys(request.credentials?.customRegistries ?? {}),
    now,
  });
  if (trigger?.kind === 'timer' && trigger.missedOccurrences !== undefined)
    await appendToLog(trx, run.runKey, logLine(now, missedMessage(trigger)));
  if (!isAgentConnected) await appendToLog(trx, run.runKey, logLine(now, waitingMessage(pool, request)));
  await announceRun(deps, trx, run, 'RunQueued');
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
  const prepared = await prepareRun(deps, registry, request, { requestedBy: caller.clientId });
  const run = await deps.store.db.transaction().execute((trx) => queueRun(deps, trx, registry, prepared));
  deps.log.info({ runId: run.runId, registry: registry.name, by: caller.displayName }, 'run queued');
  return run;
}

function missedMessage({ timerTriggerName, scheduleOccurrence, missedOccurrences }: TimerRunTrigger): string {
  return (
    `The timer ${timerTriggerName} was due at ${scheduleOccurrence} while no server was up; ` +
    (missedOccurrences === 1
      ? '1 earlier occurrence is left out'
      : `${missedOccurrences} earlier occurrences are left out`)
  );
}

function waitingMessage(pool: AgentPool | undefined, { platform }: WorkRequest): string {
  const place = pool ? agentPoolPlace(pool) : defaultPoolName;
  if (pool?.count === 0)
    return `Waiting for pool '${place}': it is paused. Give it agents with: az acr agentpool update -n ${pool.name} -r ${pool.registryName} --count 1`;
  return (
    `Waiting for an agent of pool '${place}' that runs ${dockerPlatform(platform)}: none is connected. ` +
    `Start one on a ${platform.os} machine with: slipway agent --pool ${place}`
  );
}

/** The registry's pool of that name, which takes runs of that operating system; the default pool has none. */
async function requirePool(
  deps: ControlDeps,
  registry: Registry,
  name: string | undefined,
  os: string,
): Promise<AgentPool | undefined> {
  if (!name || name.toLowerCase() === defaultPoolName) return undefined;
  const pool = await findAgentPool(deps.store.db, registry.registryId, name);
  if (!pool || pool.provisioningState === 'Deleting') throw await noSuchPool(deps.store.db, registry, name);
  if (pool.os.toLowerCase() === os.toLowerCase()) return pool;
  throw new ServiceError(
    400,
    'AgentPoolPlatformMismatch',
    `platform.os is ${os}, but the agent pool ${pool.name} is for ${pool.os}; name another pool or ${pool.os}`,
    { target: 'platform.os' },
  );
}

async function noSuchPool(
  db: Parameters<typeof findAgentPools>[0],
  registry: Registry,
  name: string,
): Promise<ServiceError> {
  const pools = await findAgentPools(db, registry.registryId);
  const others = pools.filter(({ provisioningState }) => provisioningState !== 'Deleting');
  const isGoing = pools.some((each) => each.name.toLowerCase() === name.toLowerCase());
  return new ServiceError(
    400,
    'AgentPoolNotFound',
    (isGoing
      ? `the agent pool ${JSON.stringify(name)} of registry ${registry.name} is being deleted; `
      : `there is no agent pool ${JSON.stringify(name)} in registry ${registry.name}; `) +
      (others.length > 0
        ? `its pools are ${others.map((each) => each.name).join(', ')}`
        : 'leave agentPoolName out for the default pool') +
      `, or make one with: az acr agentpool create -r ${registry.name} -n ${name}`,
    { target: 'agentPoolName' },
  );
}
