export const eventTypes = ['RunQueued', 'RunStarted', 'RunFinished'] as const;
/** What can be told of a run. */
export type EventType = (typeof eventTypes)[number];

export const eventFormats = ['Webhook', 'CloudEvents'] as const;
export type EventFormat = (typeof eventFormats)[number];

/** Who hears of the runs of a registry. */
export interface EventSubscription {
  readonly registryId: string;
  readonly name: string;
  readonly endpoint: string;
  readonly sealedSecret: string;
  readonly eventTypes: readonly EventType[];
  readonly format: EventFormat;
  readonly status: 'Enabled' | 'Disabled';
}

/** What is to be posted to somebody. */
export interface OutgoingMessage {
  readonly messageId: number;
  readonly registryId: string;
  /** In lower case; undefined for the endpoint of a base image trigger. */
  readonly subscriptionKey?: string;
  readonly endpoint?: string;
  readonly eventType: string;
  readonly runId: string;
  readonly body: object;
  readonly sealedToken?: string;
  readonly status: 'Pending' | 'Sent' | 'Failed';
  readonly tries: number;
  readonly createdAt: Date;
  readonly nextTryAt: Date;
  readonly endedAt?: Date;
  readonly lastError?: string;
}

/** A message is tried for so long. */
export const longestMessageSeconds = 24 * 3600;

/** How long to wait after so many tries, in seconds: 1, 2, 4, … up to an hour. */
export function messagePauseSeconds(tries: number): number {
  return Math.min(3600, 2 ** Math.min(20, Math.max(0, tries - 1)));
}
