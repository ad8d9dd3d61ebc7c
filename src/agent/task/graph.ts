import type { Step } from '../../taskfile/index.ts';

/** How a step ended. `Skipped` never began. */
export interface StepOutcome {
  readonly status: 'Succeeded' | 'Failed' | 'Timeout' | 'Canceled' | 'Skipped';
  readonly exitCode?: number;
}

export interface Progress {
  readonly ended: ReadonlyMap<string, StepOutcome>;
  readonly running: ReadonlySet<string>;
}

export interface NextSteps {
  /** They may begin now, in the order in which they were written. */
  readonly ready: readonly Step[];
  /** They never will. */
  readonly skipped: readonly Step[];
  /** A step that failed and that no other step handles: everything is to be stopped. */
  readonly failed: string | undefined;
}

/**
 * What comes next in a task. A step begins when all that it waits for have ended and its conditions hold:
 *
 * - Without conditions all that it waits for have succeeded.
 * - `exitedWith`: at least one of them exited with one of these codes, and each of them that failed did.
 * - `exitedWithout`: none of them exited with one of these codes.
 *
 * A step whose conditions do not hold is skipped, and so is every step that waits for a skipped one. A step
 * that failed stops the run, unless one that waits for it names its exit code in `exitedWith`: that one
 * handles the failure, the run goes on as far as it can, and fails in the end.
 */
export function nextSteps(steps: readonly Step[], { ended, running }: Progress): NextSteps {
  const failed = steps.find(({ id }) => isFailure(ended.get(id)) && !isHandled(steps, id, ended.get(id)));
  if (failed) return { ready: [], skipped: [], failed: failed.id };
  const outcomes = new Map(ended);
  const skipped: Step[] = [];
  const isOpen = ({ id }: Step): boolean => !outcomes.has(id) && !running.has(id);
  for (let found = true; found;) {
    const unreachable = steps.filter((step) => isOpen(step) && isUnreachable(step, outcomes));
    for (const { id } of unreachable) outcomes.set(id, { status: 'Skipped' });
    skipped.push(...unreachable);
    found = unreachable.length > 0;
  }
  const ready = steps.filter((step) => isOpen(step) && step.dependsOn.every((id) => outcomes.has(id)));
  return { ready, skipped, failed: undefined };
}

export function isFailure(outcome: StepOutcome | undefined): boolean {
  return outcome?.status === 'Failed' || outcome?.status === 'Timeout';
}

function isHandled(steps: readonly Step[], id: string, outcome: StepOutcome | undefined): boolean {
  const code = outcome?.exitCode;
  return steps.some((step) => step.dependsOn.includes(id) && hasCode(step.exitedWith, code));
}

/** Whether what has ended so far forbids the step to begin. */
function isUnreachable(step: Step, outcomes: ReadonlyMap<string, StepOutcome>): boolean {
  const known = step.dependsOn.map((id) => outcomes.get(id)).filter((outcome) => outcome !== undefined);
  const isForbidden = known.some(
    (outcome) =>
      outcome.status === 'Skipped' ||
      outcome.status === 'Canceled' ||
      hasCode(step.exitedWithout, outcome.exitCode) ||
      (isFailure(outcome) && !hasCode(step.exitedWith, outcome.exitCode)),
  );
  if (isForbidden) return true;
  const isComplete = known.length === step.dependsOn.length;
  const hasWanted = known.some(({ exitCode }) => hasCode(step.exitedWith, exitCode));
  return isComplete && step.exitedWith.length > 0 && !hasWanted;
}

function hasCode(codes: readonly number[], code: number | undefined): boolean {
  return code !== undefined && codes.includes(code);
}

/** Whether containers of other steps may run while this one does, and change what it reads. */
export function hasNeighbours(steps: readonly Step[], step: Step): boolean {
  const before = stepsBefore(steps, step);
  return steps.some(
    (other) =>
      other.kind === 'cmd' &&
      other.id !== step.id &&
      !stepsBefore(steps, other).has(step.id) &&
      (other.isDetached || !before.has(other.id)),
  );
}

/** The ids of all steps that end before this one begins. */
function stepsBefore(steps: readonly Step[], step: Step): ReadonlySet<string> {
  const found = new Set<string>(step.dependsOn);
  for (const id of found) {
    for (const each of steps.find((other) => other.id === id)?.dependsOn ?? []) found.add(each);
  }
  return found;
}
