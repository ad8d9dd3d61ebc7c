import { formatImageTag, type RunTrigger } from '../../model/index.ts';
import type { BaseImageTrigger } from '../../spec/index.ts';
import {
  adoptDigest,
  findRegistryById,
  findRunByKey,
  insertDeliveries,
  notify,
  type Dependent,
  type WatchedImage,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

type Trx = Parameters<typeof notify>[0];

/** The task's trigger for images; undefined when it has none. */
export function imageTriggerOf({ properties }: Dependent): BaseImageTrigger | undefined {
  const { trigger } = properties as { trigger?: { baseImageTrigger?: BaseImageTrigger } }; // of a checked task
  return trigger?.baseImageTrigger;
}

/**
 * Has the tasks that stand on an image hear that its tag means `digest` now: each that has a trigger for
 * images and was built from another one gets one delivery for that, however often this is called.
 */
export async function deliverImage(
  deps: ControlDeps,
  trx: Trx,
  image: WatchedImage,
  digest: string,
  dependents: readonly Dependent[],
): Promise<void> {
  const { registry, repository, tag } = image;
  const name = formatImageTag(image);
  const causedBy = digest === image.pushedDigest ? await chainOf(trx, image.pushedBy) : [];
  const now = deps.now();
  const trigger: RunTrigger = {
    kind: 'image',
    id: deps.newId(),
    timestamp: now.toISOString(),
    images: [{ registry, repository, tag, digest }],
    ...(causedBy.length > 0 && { causedBy }),
  };
  await adoptDigest(trx, image, digest);
  const deliveries = dependents.flatMap((dependent) => {
    const imageTrigger = imageTriggerOf(dependent);
    if (!imageTrigger || dependent.digest === undefined || dependent.digest === digest) return [];
    const ignoredBecause = reasonToIgnore(dependent, imageTrigger, name, causedBy);
    return {
      registryId: dependent.registryId,
      taskName: dependent.taskName,
      triggerName: imageTrigger.name,
      // The run of the task that built from the earlier image: an image that comes back is another event.
      eventKey: `image ${name}@${digest} after ${dependent.sinceRunKey}`,
      trigger,
      now,
      ...(ignoredBecause !== undefined && { ignoredBecause }),
    };
  });
  await insertDeliveries(trx, deliveries);
  if (deliveries.length > 0) await notify(trx, 'delivery', 'any');
}

function reasonToIgnore(
  { taskName, registryName, type, properties }: Dependent,
  { status, baseImageTriggerType }: BaseImageTrigger,
  image: string,
  causedBy: readonly string[],
): string | undefined {
  const { status: taskStatus } = properties as { status?: string }; // of a checked task
  if (taskStatus === 'Disabled') return `the task ${taskName} is disabled`;
  if (status === 'Disabled') return `the base image trigger of the task ${taskName} is disabled`;
  if (baseImageTriggerType === 'Runtime' && type === 'BuildTime') {
    return `${image} is used at build time only, and the trigger is for Runtime images; All is for both`;
  }
  const self = `${registryName}/${taskName}`;
  if (!causedBy.includes(self)) return undefined;
  const circle = [...causedBy.slice(causedBy.indexOf(self)), self].join(' → ');
  return `the image was pushed because this task ran: ${circle}; the circle ends here`;
}

/** The tasks that led to a run, from the first on, with its own. */
async function chainOf(trx: Trx, runKey: number | undefined): Promise<string[]> {
  const run = runKey === undefined ? undefined : await findRunByKey(trx, runKey);
  if (run?.taskName === undefined) return [];
  const registry = await findRegistryById(trx, run.registryId);
  const earlier = run.trigger?.kind === 'image' ? (run.trigger.causedBy ?? []) : [];
  return [...earlier, `${registry?.name ?? run.registryId}/${run.taskName}`];
}
