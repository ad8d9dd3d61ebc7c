import type { RunStatus } from './run.ts';

export const operationStatuses = ['InProgress', 'Succeeded', 'Failed', 'Canceled'] as const;
export type OperationStatus = (typeof operationStatuses)[number];

/** What a client polls while something takes long (ARM's `Azure-AsyncOperation` and `Location`). */
export interface Operation {
  readonly operationId: string;
  readonly status: OperationStatus;
  readonly error?: { readonly code: string; readonly message: string };
  readonly startTime: Date;
  readonly endTime?: Date;
}

/** Where an operation stands whose end is that of a run. */
export function operationStatusOf(run: RunStatus): OperationStatus {
  const statuses: Record<RunStatus, OperationStatus> = {
    Queued: 'InProgress',
    Started: 'InProgress',
    Running: 'InProgress',
    Succeeded: 'Succeeded',
    Failed: 'Failed',
    Error: 'Failed',
    Timeout: 'Failed',
    Canceled: 'Canceled',
  };
  return statuses[run];
}
