import { registryResourceId, type Registry, type Run, type StepState } from '../../model/index.ts';
import type { RunStepBody } from '../../spec/index.ts';
import { wireTime } from './wire-time.ts';

/** A step of a run as a resource of ours; members without a value are left out. */
export function runStepBody(registry: Registry, { runId }: Run, step: StepState): RunStepBody {
  const { startTime, finishTime, dependsOn, ...plain } = step;
  return {
    type: 'Microsoft.ContainerRegistry/registries/runs/steps',
    properties: {
      ...plain,
      dependsOn: [...dependsOn],
      ...(startTime !== undefined && { startTime: wireTime(new Date(startTime)) }),
      ...(finishTime !== undefined && { finishTime: wireTime(new Date(finishTime)) }),
    },
    id: `${registryResourceId(registry)}/runs/${runId}/steps/${step.stepId}`,
    name: step.stepId,
  };
}
