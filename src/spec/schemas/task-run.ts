import type { Static } from 'typebox';
import { filledText, list, object, optional, readOnly, text } from '../members.ts';
import { patchOf } from '../patch.ts';
import { location, provisioningState, resourceMembers, tags } from './common.ts';
import { identity } from './identity.ts';
import { runRequest } from './run-request.ts';
import { run } from './run.ts';

const properties = object({
  provisioningState,
  runRequest,
  runResult: readOnly(run),
  forceUpdateTag: optional(filledText({ description: 'Another text makes the task run run again.' })),
});

/** The body of TaskRuns_Create, and a task run as it is answered. */
export const taskRun = object(
  {
    ...resourceMembers,
    location: optional(location),
    tags: optional(tags),
    identity: optional(identity),
    properties,
  },
  { $id: 'TaskRun' },
);

/** The body of TaskRuns_Update; merged into a task run by `mergePatch(taskRun, …)`. */
export const taskRunUpdate = patchOf(taskRun);

export const taskRunListResult = object(
  { value: list(taskRun), nextLink: optional(text()) },
  { $id: 'TaskRunListResult' },
);

export type TaskRun = Static<typeof taskRun>;
