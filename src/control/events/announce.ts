import {
  registryResourceId,
  triggeredBy,
  type EventFormat,
  type EventType,
  type ImageRunTrigger,
  type Registry,
  type Run,
} from '../../model/index.ts';
import type { BaseImageTrigger } from '../../spec/index.ts';
import {
  findEventSubscriptions,
  findRegistryById,
  findUpdateTriggerToken,
  insertMessage,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

type Trx = Parameters<typeof insertMessage>[0];

/** Tells the subscribers of a registry what happened to a run, in the transaction in which it does. */
export async function announceRun(
  deps: ControlDeps,
  trx: Trx,
  run: Run,
  eventType: EventType,
): Promise<void> {
  const { registryId, runId } = run;
  const subscriptions = await findEventSubscriptions(trx, registryId, eventType);
  const registry = subscriptions.length > 0 ? await findRegistryById(trx, registryId) : undefined;
  if (!registry) return;
  const now = deps.now();
  for (const { name, format } of subscriptions) {
    const body = eventBody(registry, run, eventType, format, { id: deps.newId(), time: now.toISOString() });
    const subscriptionKey = name.toLowerCase();
    await insertMessage(trx, { registryId, subscriptionKey, eventType, runId, body }, now);
  }
}

/** Tells the endpoint of a base image trigger of the run that images have started, in its transaction. */
export async function announceImageUpdate(
  deps: ControlDeps,
  trx: Trx,
  registry: Registry,
  run: Run,
  { updateTriggerEndpoint: endpoint, updateTriggerPayloadType }: BaseImageTrigger,
  { id, timestamp, images }: ImageRunTrigger,
): Promise<void> {
  const { registryId, runId, taskName = '' } = run;
  if (!endpoint) return;
  const sealedToken =
    updateTriggerPayloadType === 'Token'
      ? await findUpdateTriggerToken(trx, registryId, taskName)
      : undefined;
  await insertMessage(
    trx,
    {
      registryId,
      endpoint,
      eventType: 'ImageUpdate',
      runId,
      body: { id, timestamp, registry: registry.loginServer, task: taskName, runId, images },
      ...(sealedToken !== undefined && { sealedToken }),
    },
    deps.now(),
  );
}

/** A webhook of ours, or a CloudEvent (CloudEvents 1.0, JSON format, structured). */
function eventBody(
  registry: Registry,
  run: Run,
  eventType: EventType,
  format: EventFormat,
  { id, time }: { id: string; time: string },
): object {
  const data = runData(registry, run);
  if (format === 'Webhook') return { id, type: eventType, time, ...data };
  return {
    specversion: '1.0',
    id,
    type: `slipway.${eventType}`,
    source: registryResourceId(registry),
    subject: `runs/${run.runId}`,
    time,
    datacontenttype: 'application/json',
    data,
  };
}

function runData(registry: Registry, run: Run): object {
  const { runId, status, runType, taskName, startTime, finishTime, runErrorMessage, outputImages } = run;
  return {
    registry: { id: registryResourceId(registry), name: registry.name, loginServer: registry.loginServer },
    run: {
      id: `${registryResourceId(registry)}/runs/${runId}`,
      runId,
      status,
      runType,
      ...(taskName !== undefined && { task: taskName }),
      ...(run.trigger && { triggeredBy: triggeredBy(run.trigger) }),
      createTime: run.createTime.toISOString(),
      ...(startTime && { startTime: startTime.toISOString() }),
      ...(finishTime && { finishTime: finishTime.toISOString() }),
      ...(runErrorMessage !== undefined && { runErrorMessage }),
      ...(outputImages.length > 0 && { outputImages }),
    },
  };
}
