import { imageUpdateKey, imageWebhookUrl, listBaseImages, type ControlDeps } from '../../control/index.ts';
import type { Router } from './router.ts';
import { wireTime } from './wire-time.ts';

type BaseImage = Awaited<ReturnType<typeof listBaseImages>>[number];

const kind = 'Microsoft.ContainerRegistry/registries';
const versions = 'tasks';

/** Ours: the images that tasks stand on, who tells that they were pushed, and what signs what is told of that. */
export function baseImageRoutes(router: Router, control: ControlDeps): void {
  router.inRegistry(
    { method: 'GET', path: '/baseImages', action: `${kind}/baseImages/read`, versions },
    async ({ registry }) => ({
      value: (await listBaseImages(control, registry)).map((image) => baseImageBody(control, image)),
    }),
  );
  router.inRegistry(
    { method: 'POST', path: '/listImageWebhook', action: `${kind}/listImageWebhook/action`, versions },
    async ({ registry }) => ({ url: imageWebhookUrl(control, registry) }),
  );
  router.inRegistry(
    { method: 'POST', path: '/listImageUpdateKey', action: `${kind}/listImageUpdateKey/action`, versions },
    async ({ registry }) => ({ key: imageUpdateKey(control, registry.registryId) }),
  );
}

function baseImageBody(
  { config: { baseImageCheckSeconds } }: ControlDeps,
  { tasks, checkedAt, nextCheckAt, error, isHosted, ...image }: BaseImage,
) {
  return {
    registry: image.registry,
    repository: image.repository,
    tag: image.tag,
    tasks: tasks.map(({ name }) => name),
    dependents: tasks.map(({ name, type, digest }) => ({
      task: name,
      type,
      ...(digest !== null && { digest }),
    })),
    isHosted,
    ...(!isHosted && { checkIntervalSeconds: Math.ceil(baseImageCheckSeconds) }),
    ...(checkedAt && { checkedTime: wireTime(checkedAt) }),
    ...((isHosted || baseImageCheckSeconds > 0 || error !== undefined) && {
      nextCheckTime: wireTime(nextCheckAt),
    }),
    ...(error !== undefined && { error }),
  };
}
