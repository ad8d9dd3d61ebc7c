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
  readonly registrationError?: string;
  /** Why the last commit status could not be reported. */
  readonly reportError?: string;
  readonly tries: number;
}

/** A provider's API that refuses is tried so many times. */
export const maxForgeTries = 8;
/** One that is down or too busy for about a day. */
export const maxTriesOfAbsentForge = 300;
