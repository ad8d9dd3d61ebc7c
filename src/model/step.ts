import { isFinal, type RunStatus } from './run.ts';

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

/**
 * The steps of a run as they can be told: when it has ended, nothing of it goes on or is still to come,
 * also where its agent could not say so any more.
 */
export function settledSteps(
  steps: readonly StepState[],
  run: { readonly status: RunStatus; readonly finishTime?: Date },
): StepState[] {
  const { status, finishTime } = run;
  if (!isFinal(status)) return [...steps];
  const ended = {
    status: status === 'Error' ? 'Failed' : status,
    ...(finishTime && { finishTime: finishTime.toISOString() }),
  } as const;
  return steps.map((step) => {
    if (step.status === 'Pending') return { ...step, status: 'Skipped' };
    return step.status === 'Running' ? { ...step, ...ended } : step;
  });
}
