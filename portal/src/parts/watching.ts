import type { BaseImage, Dependent, Task } from '../api/types.ts';
import { durationText } from './time.tsx';

/** Why an update of an image starts no run of a task that stands on it; undefined when it starts one. */
export function whyUntouched({ properties }: Task, { type }: Pick<Dependent, 'type'>): string | undefined {
  const { baseImageTrigger } = properties.trigger ?? {};
  if (properties.status === 'Disabled') return 'the task is disabled';
  if (!baseImageTrigger) return 'it has no base image trigger';
  if (baseImageTrigger.status === 'Disabled') return 'its base image trigger is disabled';
  if (baseImageTrigger.baseImageTriggerType === 'Runtime' && type === 'BuildTime') {
    return 'its trigger is for runtime images only';
  }
  return undefined;
}

export interface Watching {
  readonly state: 'Watched' | 'Failing' | 'Waiting' | 'Not watched';
  /** How it is heard of that the image was pushed. */
  readonly how: string;
}

/** How an image is watched; those of the tasks that stand on it are undefined that are not known. */
export function watchingOf(image: BaseImage, tasks: readonly (Task | undefined)[]): Watching {
  const { isHosted, checkIntervalSeconds = 0, error, checkedTime } = image;
  // An image without such a task is not asked for: whatever the API says of it is old.
  if (tasks.every((task) => task && !task.properties.trigger?.baseImageTrigger)) {
    return { state: 'Not watched', how: 'No task of this registry starts when it is updated.' };
  }
  return {
    state: error !== undefined ? 'Failing' : checkedTime === undefined ? 'Waiting' : 'Watched',
    how: isHosted
      ? 'Its registry runs here: each push is heard of at once.'
      : checkIntervalSeconds === 0
        ? 'Asked for only when its registry tells the webhook.'
        : `Asked for every ${durationText(checkIntervalSeconds * 1000)}; sooner when its registry tells the webhook.`,
  };
}
