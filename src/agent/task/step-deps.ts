import type { StepOutput } from '../run-log.ts';
import type { BuiltImages } from './find-image.ts';
import type { BuiltStep } from './build-step.ts';
import type { TaskRun } from './task-run.ts';

/** What the steps of a run find and leave to each other. */
export interface Shared {
  readonly run: TaskRun;
  /** The engine's name for each network of a step. */
  readonly networks: ReadonlyMap<string, string>;
  readonly built: BuiltImages;
  /** What each build step made. */
  readonly builds: Map<string, BuiltStep>;
  /** The digest of each image that was pushed. */
  readonly pushed: Map<string, string>;
  /** Ends the containers that were left running. */
  readonly detached: (() => Promise<void>)[];
}

export interface StepDeps extends Shared {
  /** The step's place in the task. */
  readonly index: number;
  /** Containers of other steps may run at the same time. */
  readonly hasNeighbours: boolean;
  readonly output: StepOutput;
}

/**
 * Does a step's work once. `number` counts its tries from 1. `tail` takes what it prints.
 * @returns its exit code; undefined for one that goes on.
 * @throws StepFailed, or a ServiceError that `toStepFailed` understands.
 */
export type Try = (
  number: number,
  tail: { add(chunk: Uint8Array): void; text(): string },
  signal: AbortSignal,
) => Promise<number | undefined>;
