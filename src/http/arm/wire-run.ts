import {
  registryResourceId,
  type ImageDescriptor,
  type LogArtifact,
  type Registry,
  type Run,
  type RunStatus,
  type RunTrigger,
} from '../../model/index.ts';
import type { RunBody } from '../../spec/index.ts';
import { wireTime } from './wire-time.ts';

/** A run as the specification's Run; members without a value are left out. */
export function runBody(registry: Registry, run: Run): RunBody {
  const { runId, status, startTime, finishTime, outputImages, taskName, agentPoolName, runErrorMessage } =
    run;
  return {
    type: 'Microsoft.ContainerRegistry/registries/runs',
    properties: {
      runId,
      status,
      lastUpdatedTime: wireTime(run.lastUpdatedTime),
      runType: run.runType,
      ...(agentPoolName !== undefined && { agentPoolName }),
      createTime: wireTime(run.createTime),
      ...(startTime && { startTime: wireTime(startTime) }),
      ...(finishTime && { finishTime: wireTime(finishTime) }),
      ...(outputImages.length > 0 && { outputImages }),
      ...(taskName !== undefined && { task: taskName }),
      ...(run.trigger && triggerBody(run.trigger)),
      platform: run.platform,
      agentConfiguration: { cpu: run.cpu },
      ...(run.sourceRegistryAuth !== undefined && { sourceRegistryAuth: run.sourceRegistryAuth }),
      ...(run.customRegistries.length > 0 && { customRegistries: run.customRegistries }),
      ...(runErrorMessage !== undefined && { runErrorMessage }),
      ...(run.logArtifact && { logArtifact: imageOf(run.logArtifact) }),
      provisioningState: provisioningStateOf(status),
      isArchiveEnabled: run.isArchiveEnabled,
    },
    id: `${registryResourceId(registry)}/runs/${runId}`,
    name: runId,
  };
}

/** What started a run, or may start one, in the member that the specification has for it. */
export function triggerBody(trigger: RunTrigger): Partial<RunBody['properties']> {
  switch (trigger.kind) {
    case 'timer': {
      const { timerTriggerName, scheduleOccurrence } = trigger;
      return { timerTrigger: { timerTriggerName, scheduleOccurrence } };
    }
    case 'source': {
      const { kind: _kind, tagName: _tagName, ...sourceTrigger } = trigger;
      return { sourceTrigger };
    }
    case 'image': {
      const { id, timestamp, images } = trigger;
      return { imageUpdateTrigger: { id, timestamp, images: [...images] } };
    }
  }
}

function imageOf({ registry, repository, tag, digest }: LogArtifact): ImageDescriptor {
  return { registry, repository, tag, digest };
}

/** Where a run stands, in the words of ARM. */
export function provisioningStateOf(status: RunStatus) {
  const states = {
    Queued: 'Creating',
    Started: 'Creating',
    Running: 'Creating',
    Succeeded: 'Succeeded',
    Canceled: 'Canceled',
    Failed: 'Failed',
    Error: 'Failed',
    Timeout: 'Failed',
  } as const satisfies Record<RunStatus, string>;
  return states[status];
}
