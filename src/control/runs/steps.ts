import { settledSteps, type Registry, type Run, type StepState } from '../../model/index.ts';
import { findSteps, saveSteps, type LeaseHolder } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { leaseLost } from './attempt.ts';
import { getRun } from './read.ts';

/** Keeps where the steps of an attempt stand; of a step that comes twice the last. @throws ServiceError 409 `LeaseLost`. */
export async function recordSteps(
  deps: ControlDeps,
  holder: LeaseHolder,
  steps: readonly StepState[],
): Promise<void> {
  const latest = [...new Map(steps.map((step) => [step.stepId, step])).values()];
  if (!(await saveSteps(deps.store.db, holder, latest))) throw leaseLost(holder);
}

/**
 * The steps of a run's last attempt, in the order of its task file; none while it waits for an agent, and
 * none of a build without a task file. @throws ServiceError 404 `RunNotFound`.
 */
export async function listSteps(
  deps: ControlDeps,
  registry: Registry,
  runId: string,
): Promise<{ run: Run; steps: StepState[] }> {
  const run = await getRun(deps, registry, runId);
  if (run.status === 'Queued') return { run, steps: [] };
  return { run, steps: settledSteps(await findSteps(deps.store.db, run), run) };
}
