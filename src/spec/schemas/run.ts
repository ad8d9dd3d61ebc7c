import type { Static } from 'typebox';
import { runStatuses, runTypes } from '../../model/index.ts';
import { dateTime, flag, list, object, optional, secretText, text, word } from '../members.ts';
import {
  agentConfiguration,
  imageDescriptor,
  platform,
  provisioningState,
  resourceMembers,
} from './common.ts';

export const imageUpdateTrigger = object(
  { id: optional(text()), timestamp: optional(dateTime), images: optional(list(imageDescriptor)) },
  { $id: 'ImageUpdateTrigger' },
);

export const sourceTriggerDescriptor = object(
  {
    id: optional(text()),
    eventType: optional(text()),
    commitId: optional(text()),
    pullRequestId: optional(text()),
    repositoryUrl: optional(text()),
    branchName: optional(text()),
    providerType: optional(text()),
  },
  { $id: 'SourceTriggerDescriptor' },
);

export const timerTriggerDescriptor = object(
  { timerTriggerName: optional(text()), scheduleOccurrence: optional(text()) },
  { $id: 'TimerTriggerDescriptor' },
);

/** A run, in answers only. */
export const run = object(
  {
    ...resourceMembers,
    properties: object({
      runId: text(),
      status: word(runStatuses),
      lastUpdatedTime: optional(dateTime),
      runType: optional(word(runTypes)),
      agentPoolName: optional(text()),
      createTime: optional(dateTime),
      startTime: optional(dateTime),
      finishTime: optional(dateTime),
      outputImages: optional(list(imageDescriptor)),
      task: optional(text()),
      imageUpdateTrigger: optional(imageUpdateTrigger),
      sourceTrigger: optional(sourceTriggerDescriptor),
      timerTrigger: optional(timerTriggerDescriptor),
      platform: optional(platform),
      agentConfiguration: optional(agentConfiguration),
      sourceRegistryAuth: optional(text()),
      customRegistries: optional(list(text())),
      runErrorMessage: optional(text()),
      updateTriggerToken: optional(secretText()),
      logArtifact: optional(imageDescriptor),
      provisioningState,
      isArchiveEnabled: flag({ default: false }),
    }),
  },
  { $id: 'Run' },
);

export const runUpdate = object(
  { isArchiveEnabled: optional(flag({ description: 'Whether the run is kept.' })) },
  { $id: 'RunUpdateParameters' },
);

export const runListResult = object(
  { value: list(run), nextLink: optional(text()) },
  { $id: 'RunListResult' },
);

/** A run as it is answered. */
export type RunBody = Static<typeof run>;
