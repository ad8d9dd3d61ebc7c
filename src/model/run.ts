import type { Platform } from './platform.ts';
import type { ImageDescriptor, LogArtifact } from './image.ts';

export const runStatuses = [
  'Queued',
  'Started',
  'Running',
  'Succeeded',
  'Failed',
  'Canceled',
  'Error',
  'Timeout',
] as const;
export type RunStatus = (typeof runStatuses)[number];

export type FinalRunStatus = Extract<RunStatus, 'Succeeded' | 'Failed' | 'Canceled' | 'Error' | 'Timeout'>;

export const runTypes = ['QuickBuild', 'QuickRun', 'AutoBuild', 'AutoRun'] as const;
export type RunType = (typeof runTypes)[number];

/** What can happen to a run. `lose` is an agent that was silent past its lease. */
export type RunEvent = 'claim' | 'start' | 'lose' | 'succeed' | 'fail' | 'cancel' | 'timeout' | 'error';

const transitions: Record<RunEvent, { from: readonly RunStatus[]; to: RunStatus }> = {
  claim: { from: ['Queued'], to: 'Started' },
  start: { from: ['Started'], to: 'Running' },
  lose: { from: ['Started', 'Running'], to: 'Queued' },
  succeed: { from: ['Started', 'Running'], to: 'Succeeded' },
  fail: { from: ['Started', 'Running'], to: 'Failed' },
  cancel: { from: ['Queued', 'Started', 'Running'], to: 'Canceled' },
  timeout: { from: ['Started', 'Running'], to: 'Timeout' },
  error: { from: ['Queued', 'Started', 'Running'], to: 'Error' },
};

/**
 * The one rule of a run's life: where an event leads and from which statuses. The store guards its
 * update with `from`, so a late or repeated event changes nothing.
 */
export function transitionOf(event: RunEvent): { from: readonly RunStatus[]; to: RunStatus } {
  return transitions[event];
}

/** The event by which a run comes to its end in `status`. */
export function eventEndingIn(status: FinalRunStatus): RunEvent {
  const events = {
    Succeeded: 'succeed',
    Failed: 'fail',
    Canceled: 'cancel',
    Timeout: 'timeout',
    Error: 'error',
  };
  return events[status] as RunEvent; // the literal table above holds only events
}

export function isFinal(status: RunStatus): status is FinalRunStatus {
  return status !== 'Queued' && status !== 'Started' && status !== 'Running';
}

/**
 * The value of a log blob's `Complete` metadata, by which clients learn that they have read all of it
 * and what the outcome was.
 */
export function logCompletion(status: RunStatus): string | undefined {
  if (!isFinal(status)) return undefined;
  const outcomes: Record<FinalRunStatus, string> = {
    Succeeded: 'Successful',
    Failed: 'Failed',
    Canceled: 'Canceled',
    Timeout: 'TimedOut',
    Error: 'InternalError',
  };
  return outcomes[status];
}

/** How many times a run may be lost by its agents before it ends in `Error`. */
export const maxAttempts = 3;

/** One image that a build made or was made from, with what it stood on. */
export interface RunDependencies {
  readonly image: ImageDescriptor;
  readonly runtime?: ImageDescriptor;
  readonly buildtime: readonly ImageDescriptor[];
  readonly git?: { readonly commit?: string };
}

/** A run as the service knows it. Times are UTC. */
export interface Run {
  /** Unique in the whole service; never shown. */
  readonly runKey: number;
  readonly registryId: string;
  /** Short, growing, unique in its registry: `ca1`. */
  readonly runId: string;
  readonly status: RunStatus;
  readonly runType: RunType;
  readonly attempt: number;
  readonly createTime: Date;
  readonly startTime?: Date;
  readonly finishTime?: Date;
  readonly lastUpdatedTime: Date;
  readonly agentPoolName?: string;
  readonly platform: Platform;
  readonly cpu: number;
  readonly timeoutSeconds: number;
  readonly outputImages: readonly ImageDescriptor[];
  readonly dependencies: readonly RunDependencies[];
  readonly isArchiveEnabled: boolean;
  readonly taskName?: string;
  readonly runErrorMessage?: string;
  readonly sourceRegistryAuth?: string;
  readonly customRegistries: readonly string[];
  readonly isCancelRequested: boolean;
  /** Length of the log so far, in bytes. */
  readonly logSizeBytes: number;
  /** Where its log went, once it has. */
  readonly logArtifact?: LogArtifact;
  /** Client id of whoever asked for it, or last changed the task that it is of: it acts for them. */
  readonly requestedBy?: string;
}

/** `ca1` for the first run of a registry: two letters and a counter. */
export function runIdOf(counter: number): string {
  return `ca${counter}`;
}
