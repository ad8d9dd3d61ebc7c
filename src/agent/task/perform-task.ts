import { messageOf } from '../../model/index.ts';
import type { Step, Task } from '../../taskfile/index.ts';
import { requireAllowed } from './allowances.ts';
import type { BuiltStep } from './build-step.ts';
import { createBuiltImages } from './find-image.ts';
import { hasNeighbours, isFailure, nextSteps, type StepOutcome } from './graph.ts';
import { performStep } from './perform-step.ts';
import { report } from './report.ts';
import { setUp } from './set-up.ts';
import type { Shared } from './step-deps.ts';
import { StepFailed, TaskFailed } from './step-failed.ts';
import { openStepStates, type StepStates } from './step-states.ts';
import { runLabel, type TaskRun, type TaskResult } from './task-run.ts';

/**
 * Performs a task: as many of its steps at the same time as may run. The first failure, or the signal, stops
 * what runs. Nothing of it runs when this returns; what else is left on the engine goes `afterwards`.
 * @throws TaskFailed; ServiceError 400 for what is not allowed; the signal's reason; what is the engine's fault.
 */
export async function performTask(run: TaskRun, task: Task, signal: AbortSignal): Promise<TaskResult> {
  const states = openStepStates(task.steps, (state) => run.onStep(state));
  const detached: (() => Promise<void>)[] = [];
  try {
    requireAllowed(task, run.allowances);
    const hasContainers = task.steps.some(({ kind }) => kind === 'cmd');
    if (hasContainers) run.afterwards(() => run.engine.removeLabelled(runLabel, run.name));
    const networks = await setUp(run, task);
    const builds = new Map<string, BuiltStep>();
    const shared = {
      run,
      networks,
      detached,
      builds,
      built: createBuiltImages(),
      pushed: new Map<string, string>(),
    };
    await performSteps(shared, task.steps, states, signal);
    return await report(shared, task.steps, states);
  } finally {
    for (const { stepId } of states.with('Pending')) states.change(stepId, { status: 'Skipped' });
    await endDetached(run, detached);
  }
}

async function performSteps(
  shared: Shared,
  steps: readonly Step[],
  states: StepStates,
  signal: AbortSignal,
): Promise<void> {
  const { run } = shared;
  const stopping = new AbortController();
  const either = AbortSignal.any([signal, stopping.signal]);
  const ended = new Map<string, StepOutcome>();
  const failures = new Map<string, StepFailed>();
  const running = new Map<string, Promise<void>>();
  let fault: Error | undefined;
  let isWorkspaceNeeded = true;

  const end = (
    step: Step,
    outcome: StepOutcome,
    more: { errorMessage?: string; isErrorIgnored?: boolean } = {},
  ): void => {
    ended.set(step.id, outcome);
    const { startTime } = states.get(step.id);
    states.change(step.id, { ...outcome, ...more, ...(startTime !== undefined && { finishTime: now() }) });
  };
  const perform = async (step: Step): Promise<void> => {
    const output = run.log.openOutput();
    states.change(step.id, { status: 'Running', startTime: now() });
    try {
      const deps = {
        ...shared,
        index: steps.indexOf(step),
        output,
        hasNeighbours: hasNeighbours(steps, step),
      };
      const onTry = (attempts: number): void => states.change(step.id, { attempts });
      const exitCode = await performStep(deps, step, onTry, either);
      end(step, { status: 'Succeeded', ...(exitCode !== undefined && { exitCode }) });
    } catch (error) {
      if (either.aborted) return end(step, { status: 'Canceled' });
      if (!(error instanceof StepFailed))
        fault ??= error instanceof Error ? error : new Error(messageOf(error));
      endFailed(step, error);
    } finally {
      running.delete(step.id);
    }
  };
  const endFailed = (step: Step, error: unknown): void => {
    const errorMessage = messageOf(error);
    if (!(error instanceof StepFailed)) return end(step, { status: 'Failed' }, { errorMessage });
    const code = error.exitCode === undefined ? {} : { exitCode: error.exitCode };
    if (step.areErrorsIgnored) {
      run.log.line(
        `Step ID: ${step.id} encountered an error: ${errorMessage}, but is set to ignore errors. Continuing...`,
      );
      return end(step, { status: 'Succeeded', ...code }, { errorMessage, isErrorIgnored: true });
    }
    run.log.plain(`failed to run step ID: ${step.id}: ${errorMessage}`);
    failures.set(step.id, error);
    end(step, { status: error.isTimeout ? 'Timeout' : 'Failed', ...code }, { errorMessage });
  };

  while (!either.aborted && fault === undefined) {
    const next = nextSteps(steps, { ended, running: new Set(running.keys()) });
    if (next.failed !== undefined) break;
    for (const step of next.skipped) end(step, { status: 'Skipped' });
    for (const step of next.ready) {
      const isFree = isDetached(step) || countOf(running, steps) < run.maxParallelSteps;
      if (isFree) running.set(step.id, perform(step));
    }
    const needsWorkspace = (step: Step): boolean =>
      step.kind !== 'push' && (isDetached(step) || !ended.has(step.id));
    if (isWorkspaceNeeded && !steps.some(needsWorkspace)) {
      isWorkspaceNeeded = false;
      run.onWorkspaceDone();
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  stopping.abort();
  await Promise.all(running.values());
  signal.throwIfAborted();
  if (fault !== undefined) throw fault;
  const failed = steps.find(({ id }) => isFailure(ended.get(id)));
  const failure = failed && failures.get(failed.id);
  if (failed && failure) throw new TaskFailed(failed.id, failure);
}

function isDetached(step: Step): boolean {
  return step.kind === 'cmd' && step.isDetached;
}

function countOf(running: ReadonlyMap<string, unknown>, steps: readonly Step[]): number {
  return steps.filter((step) => running.has(step.id) && !isDetached(step)).length;
}

function now(): string {
  return new Date().toISOString();
}

/** What cannot be ended now is removed with the rest of the run. */
async function endDetached(run: TaskRun, detached: readonly (() => Promise<void>)[]): Promise<void> {
  const ends = await Promise.allSettled(detached.map((end) => end()));
  for (const end of ends) {
    if (end.status === 'rejected')
      run.log.line(`Could not stop a detached container: ${messageOf(end.reason)}`);
  }
}
