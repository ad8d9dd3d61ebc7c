import type { ImageDescriptor } from './image.ts';

/** What started a run by itself; a run that somebody asked for has none. */
export type RunTrigger = TimerRunTrigger | SourceRunTrigger | ImageRunTrigger;

export interface TimerRunTrigger {
  readonly kind: 'timer';
  readonly timerTriggerName: string;
  /** When it was due, ISO 8601 in UTC. */
  readonly scheduleOccurrence: string;
  /** How many occurrences before it were left out, while no server was up. */
  readonly missedOccurrences?: number;
}

export interface SourceRunTrigger {
  readonly kind: 'source';
  /** Of the delivery, as the provider numbers it. */
  readonly id: string;
  readonly eventType: 'commit' | 'pullrequest';
  readonly commitId: string;
  readonly pullRequestId?: string;
  readonly repositoryUrl: string;
  readonly branchName?: string;
  /** When a tag was pushed. */
  readonly tagName?: string;
  readonly providerType: string;
}

export interface ImageRunTrigger {
  readonly kind: 'image';
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly timestamp: string;
  readonly images: readonly ImageDescriptor[];
  /** The tasks whose runs pushed the images, from the first on: `registry/task`. */
  readonly causedBy?: readonly string[];
}

/** Why a run happened, for people and for `.Run.TriggeredBy` of templates; empty without a trigger. */
export function triggeredBy(trigger: RunTrigger | undefined): string {
  switch (trigger?.kind) {
    case undefined:
      return '';
    case 'timer':
      return 'Timer';
    case 'source':
      return trigger.eventType === 'commit' ? 'Commit' : 'PullRequest';
    case 'image':
      return 'ImageUpdate';
  }
}
