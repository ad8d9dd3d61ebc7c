import {
  defaultPoolName,
  dockerPlatform,
  runIdOf,
  runQueueName,
  ServiceError,
  type Registry,
  type Run,
} from '../../model/index.ts';
import type { DockerBuildRequest, RunRequest } from '../../spec/index.ts';
import { countLiveAgents, findPoolNames } from '../../store/index.ts';
import { appendToLog } from '../../store/index.ts';
import { insertRun, nextRunNumber } from '../../store/index.ts';
import { notify } from '../../store/index.ts';
import type { Caller, ControlDeps } from '../deps.ts';
import { logLine } from './log-lines.ts';
import { isUploadPath, requireUpload } from './source-location.ts';
import { sealRequest } from './stored-request.ts';
import { requireSupported } from './supported-request.ts';

/**
 * Registries_ScheduleRun: stores the run and its ticket in one transaction and answers it `Queued`.
 * @throws ServiceError 400 for what is not performed yet, a source that is not there or a pool that nobody knows.
 */
export async function scheduleRun(
  deps: ControlDeps,
  caller: Caller,
  registry: Registry,
  runRequest: RunRequest,
): Promise<Run> {
  const request = requireSupported(runRequest);
  if (isUploadPath(request.sourceLocation)) await requireUpload(deps, registry, request.sourceLocation);
  const { db } = deps.store;
  const pool = request.agentPoolName ?? defaultPoolName;
  await requirePool(deps, pool);
  const queueName = runQueueName(pool, request.platform.os);
  const loginMode = request.credentials?.sourceRegistry?.loginMode;
  await deps.queue.ensure(queueName);
  const queue = { pool, os: request.platform.os };
  const liveAgents = await countLiveAgents(db, deps.config.leaseSeconds * 2, queue);
  const run = await db.transaction().execute(async (trx) => {
    const now = deps.now();
    const inserted = await insertRun(trx, {
      registryId: registry.registryId,
      runId: runIdOf(await nextRunNumber(trx, registry.registryId)),
      runType: 'QuickBuild',
      queueName,
      agentPoolName: request.agentPoolName,
      request: sealRequest(deps.sealer, registry.registryId, request),
      platform: request.platform,
      cpu: request.agentConfiguration.cpu,
      timeoutSeconds: request.timeout,
      isArchiveEnabled: request.isArchiveEnabled,
      sourceRegistryAuth: loginMode === 'Default' ? undefined : loginMode,
      customRegistries: Object.keys(request.credentials?.customRegistries ?? {}),
      now,
    });
    if (liveAgents === 0)
      await appendToLog(trx, inserted.runKey, logLine(now, waitingMessage(pool, request)));
    await deps.queue.enqueue(trx, queueName, inserted.runKey);
    await notify(trx, 'queued', queueName);
    return inserted;
  });
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
