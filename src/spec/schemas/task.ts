import type { Static } from 'typebox';
import { dateTime, flag, list, object, optional, readOnly, refined, text, word } from '../members.ts';
import { pathParameters } from '../names.ts';
import { patchOf } from '../patch.ts';
import {
  agentConfiguration,
  location,
  platform,
  provisioningState,
  resourceMembers,
  tags,
  timeout,
} from './common.ts';
import { credentials } from './credentials.ts';
import { identity } from './identity.ts';
import { taskStep } from './step.ts';
import { trigger } from './trigger.ts';

const updatableProperties = {
  provisioningState,
  creationDate: readOnly(dateTime),
  status: word(['Enabled', 'Disabled'] as const, { default: 'Enabled' }),
  platform: optional(platform),
  agentConfiguration,
  agentPoolName: optional(pathParameters.agentPoolName),
  timeout,
  step: optional(taskStep),
  trigger: optional(trigger),
  credentials: optional(credentials),
  logTemplate: optional(text({ description: 'The repository and tag of the logs as artifacts.' })),
};

const taskProperties = refined(
  object({ ...updatableProperties, isSystemTask: flag({ default: false }) }),
  ({ isSystemTask, platform: runsOn, step }, refuse) => {
    if (isSystemTask) return;
    const message = 'is required, unless isSystemTask is true';
    if (runsOn === undefined) refuse('platform', message, 'MissingParameter');
    if (step === undefined) refuse('step', message, 'MissingParameter');
  },
);

/** The body of Tasks_Create, and a task as it is answered. */
export const task = object(
  {
    ...resourceMembers,
    location,
    tags: optional(tags),
    identity: optional(identity),
    properties: taskProperties,
  },
  { $id: 'Task' },
);

/** The body of Tasks_Update; merged into a task by `mergePatch(task, …)`. */
export const taskUpdate = patchOf(
  object(
    {
      identity: optional(identity),
      tags: optional(tags),
      properties: object(updatableProperties),
    },
    { $id: 'Task' },
  ),
);

export const taskListResult = object(
  { value: list(task), nextLink: optional(text()) },
  { $id: 'TaskListResult' },
);

export type Task = Static<typeof task>;
