import { ServiceError } from '../../model/index.ts';

/** A step did not do what it should: its own fault, as opposed to the engine's or ours. */
export class StepFailed extends Error {
  readonly exitCode: number | undefined;
  readonly isTimeout: boolean;

  constructor(reason: string, details: { exitCode?: number; isTimeout?: boolean; cause?: unknown } = {}) {
    super(reason, { cause: details.cause });
    this.name = 'StepFailed';
    this.exitCode = details.exitCode;
    this.isTimeout = details.isTimeout ?? false;
  }

  static ofExit(exitCode: number, isOutOfMemory: boolean): StepFailed {
    return new StepFailed(`exit status ${exitCode}${isOutOfMemory ? ' (it ran out of memory)' : ''}`, {
      exitCode,
    });
  }
}

/** The failure of a step that an error is. @throws the error when it is none: the engine is down, or a fault. */
export function toStepFailed(error: unknown): StepFailed {
  if (error instanceof StepFailed) return error;
  if (!(error instanceof ServiceError) || error.statusCode >= 500) throw error;
  // those of a build say no more than its code
  const code = /exit status (\d+)$/.exec(error.message)?.[1];
  const exitCode =
    'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : Number(code ?? 1);
  const reason = error.code === 'BuildFailed' && code !== undefined ? `exit status ${code}` : error.message;
  return new StepFailed(reason, { exitCode, cause: error });
}

/** A task whose step failed. */
export class TaskFailed extends ServiceError {
  /** What the step's end was: `exit status 1`. */
  readonly reason: string;

  constructor(stepId: string, failure: StepFailed) {
    super(400, 'StepFailed', `failed to run step ID: ${stepId}: ${failure.message}`, { cause: failure });
    this.reason = failure.message;
  }
}
