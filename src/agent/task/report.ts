import type { ImageDescriptor, RunDependencies } from '../../model/index.ts';
import { formatDependencies, parseImageReference, type Step } from '../../taskfile/index.ts';
import { describeBuild } from './dependencies.ts';
import type { Shared } from './step-deps.ts';
import type { StepStates } from './step-states.ts';
import type { TaskResult } from './task-run.ts';

/** The end of a successful task's log: each step, and what its images stand on. */
export async function report(
  shared: Shared,
  steps: readonly Step[],
  states: StepStates,
): Promise<TaskResult> {
  const { run, builds, pushed } = shared;
  const { engine, log } = run;
  const dependencies: RunDependencies[] = [];
  for (const step of steps) {
    const { status, startTime, finishTime } = states.get(step.id);
    const says = status === 'Skipped' ? 'skipped' : 'successful';
    log.line(
      `Step ID: ${step.id} marked as ${says} (elapsed time in seconds: ${secondsBetween(startTime, finishTime)})`,
    );
    const built = builds.get(step.id);
    if (step.kind !== 'build' || !built) continue;
    log.line(`Populating digests for step ID: ${step.id}...`);
    dependencies.push(...(await describeBuild(engine, built, step.command.tags, pushed)));
    log.line(`Successfully populated digests for step ID: ${step.id}`);
  }
  for (const text of formatDependencies(dependencies)) log.plain(text);
  return { dependencies, outputImages: [...pushed].map(([image, digest]) => describe(image, digest)) };
}

function describe(image: string, digest: string): ImageDescriptor {
  return { ...parseImageReference(image), digest };
}

function secondsBetween(start: string | undefined, end: string | undefined): string {
  const ms = start === undefined || end === undefined ? 0 : Date.parse(end) - Date.parse(start);
  return (ms / 1000).toFixed(6);
}
