import type { ProviderType } from './provider.ts';

/** Whether the provider was told to send events here. */
export const hookRegistrations = ['Manual', 'Pending', 'Registered', 'Failed'] as const;
export type HookRegistration = (typeof hookRegistrations)[number];

/** Where the provider of a source trigger's repository sends its events. */
export interface SourceHook {
  /** In its URL; says nothing of the task. */
  readonly hookId: string;
  readonly registryId: string;
  /** In lower case. */
  readonly taskKey: string;
  readonly triggerName: string;
  readonly providerType: ProviderType;
  readonly repositoryUrl: string;
  /** Sealed. */
  readonly secret: string;
  /** Sealed: the trigger's, for the provider's API. */
  readonly token?: string;
  /** `Manual` has no token, or a URL that the provider cannot reach; `Failed` is tried no more. */
  readonly registration: HookRegistration;
  /** Why it is not registered; of one that is registered, what is amiss with it there. */
  readonly registrationError?: string;
  /** When the provider last said that it has it. */
  readonly checkedAt?: Date;
  /** When it was gone at the provider and was registered again. */
  readonly restoredAt?: Date;
  /** That the provider knows; undefined when it was told none, or in a version that did not keep it. */
  readonly registeredUrl?: string;
  /** Why the last commit status could not be reported. */
  readonly reportError?: string;
  readonly tries: number;
}

/** A provider's API that refuses is tried so many times. */
export const maxForgeTries = 8;
/** One that is down or too busy for about a day. */
export const maxTriesOfAbsentForge = 300;
/** A hook that is registered is looked for at its provider so often; somebody may have deleted it there. */
export const hookCheckSeconds = 6 * 3600;

/** When a check that failed so many times in a row is tried again, in seconds: 5 minutes, 10, … up to 6 hours. */
export function hookCheckPauseSeconds(tries: number): number {
  return Math.min(hookCheckSeconds, 300 * 2 ** Math.max(0, tries - 1));
}
