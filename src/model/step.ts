export const stepStatuses = [
  'Pending',
  'Running',
  'Succeeded',
  'Failed',
  'Skipped',
  'Canceled',
  'Timeout',
] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** Where one step of a run stands. Times are the agent's clock, ISO 8601 in UTC. */
export interface StepState {
  readonly stepId: string;
  readonly kind: 'cmd' | 'build' | 'push';
  /** `Pending` waits for other steps; `Skipped` was never reached. */
  readonly status: StepStatus;
  readonly dependsOn: readonly string[];
  /** Tries so far, the first being 1; 0 for one that has not begun. */
  readonly attempts: number;
  readonly startTime?: string;
  readonly finishTime?: string;
  readonly exitCode?: number;
  readonly errorMessage?: string;
  /** Failed, but the run went on (`ignoreErrors`). */
  readonly isErrorIgnored?: boolean;
}
