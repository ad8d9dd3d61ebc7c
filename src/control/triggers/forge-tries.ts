import {
  deliveryPauseSeconds,
  maxForgeTries,
  maxTriesOfAbsentForge,
  ServiceError,
} from '../../model/index.ts';

/** When a provider is asked again after so many tries; undefined when it is no use. */
export function nextForgeTry(error: unknown, tries: number, now: Date): Date | undefined {
  const isAbsent = error instanceof ServiceError && (error.statusCode >= 500 || error.statusCode === 429);
  if (tries >= (isAbsent ? maxTriesOfAbsentForge : maxForgeTries)) return undefined;
  return new Date(now.getTime() + deliveryPauseSeconds(tries) * 1000);
}
