import { ForgeBusy } from '../../forges/index.ts';
import {
  deliveryPauseSeconds,
  hookCheckPauseSeconds,
  maxForgeTries,
  maxTriesOfAbsentForge,
  ServiceError,
} from '../../model/index.ts';

/** Whether the provider as a whole does not answer, or not now. */
export function isForgeAbsent(error: unknown): boolean {
  return error instanceof ServiceError && (error.statusCode >= 500 || error.statusCode === 429);
}

/** When a provider is asked again after so many tries; undefined when it is no use. */
export function nextForgeTry(error: unknown, tries: number, now: Date): Date | undefined {
  if (tries >= (isForgeAbsent(error) ? maxTriesOfAbsentForge : maxForgeTries)) return undefined;
  return afterRest(error, deliveryPauseSeconds(tries), now);
}

/** When a hook that may well be there is looked for again, after so many checks that failed. */
export function nextHookCheck(error: unknown, tries: number, now: Date): Date {
  return afterRest(error, hookCheckPauseSeconds(tries), now);
}

/** Not before the provider wants to be asked again. */
function afterRest(error: unknown, pauseSeconds: number, now: Date): Date {
  const restSeconds = error instanceof ForgeBusy ? (error.restSeconds ?? 0) : 0;
  return new Date(now.getTime() + Math.max(pauseSeconds, restSeconds) * 1000);
}
