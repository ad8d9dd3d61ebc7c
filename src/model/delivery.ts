import type { RunTrigger } from './run-trigger.ts';

export const deliveryStatuses = ['Pending', 'Started', 'Ignored', 'Failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One event that may start a run of one task: a timer's occurrence, a hook, or an updated image. */
export interface Delivery {
  readonly deliveryId: number;
  readonly registryId: string;
  readonly taskName: string;
  /** Of the task's trigger. */
  readonly triggerName: string;
  readonly trigger: RunTrigger;
  /** `Pending` until it was decided; `Started` has a run; `Ignored` and `Failed` say why. */
  readonly status: DeliveryStatus;
  readonly reason?: string;
  /** Of the run that it started, also when that was purged. */
  readonly runId?: string;
  /** How often a run was tried to be started. */
  readonly tries: number;
  readonly receivedAt: Date;
  readonly decidedAt?: Date;
  /** When it is tried again, of one that is pending. */
  readonly nextTryAt: Date;
  /** The delivery that was sent again by hand. */
  readonly redeliveryOf?: number;
}

/** A start that failed is tried so many times. */
export const maxDeliveryTries = 8;

/** How long to wait after so many tries, in seconds: 1, 2, 4, … up to 5 minutes. */
export function deliveryPauseSeconds(tries: number): number {
  return Math.min(300, 2 ** Math.max(0, tries - 1));
}
