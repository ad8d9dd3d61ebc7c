import { Type, type Static } from 'typebox';
import {
  flag,
  filledText,
  list,
  object,
  oneOfTypes,
  optional,
  refined,
  secretText,
  text,
} from '../members.ts';
import { pathParameters } from '../names.ts';
import {
  agentConfiguration,
  argument,
  dockerBuildMembers,
  encodedTaskMembers,
  fileTaskMembers,
  platform,
  requireTexts,
  setValue,
  sourceAddress,
  timeout,
} from './common.ts';
import { credentials } from './credentials.ts';

const requestMembers = {
  isArchiveEnabled: flag({ default: false, description: 'Whether the run is kept.' }),
  agentPoolName: optional(pathParameters.agentPoolName),
  logTemplate: optional(text({ description: 'The repository and tag of the log as an artifact.' })),
};

const workMembers = {
  ...requestMembers,
  timeout,
  platform,
  agentConfiguration,
  credentials: optional(credentials),
};

export const dockerBuildRequest = object(
  {
    type: Type.Literal('DockerBuildRequest'),
    ...workMembers,
    ...dockerBuildMembers,
    sourceLocation: sourceAddress,
  },
  { $id: 'DockerBuildRequest', description: 'One build, then a push of its images.' },
);

export const fileTaskRunRequest = object(
  {
    type: Type.Literal('FileTaskRunRequest'),
    ...workMembers,
    ...fileTaskMembers,
    sourceLocation: sourceAddress,
  },
  { $id: 'FileTaskRunRequest', description: 'The steps of a task file in the source.' },
);

export const encodedTaskRunRequest = refined(
  object(
    {
      type: Type.Literal('EncodedTaskRunRequest'),
      ...workMembers,
      ...encodedTaskMembers,
      sourceLocation: optional(sourceAddress),
    },
    { $id: 'EncodedTaskRunRequest', description: 'The steps of a task file that is sent along.' },
  ),
  requireTexts,
);

const overrideTaskStepProperties = object(
  {
    contextPath: optional(sourceAddress),
    file: optional(text()),
    arguments: optional(list(argument)),
    target: optional(text({ maxLength: 200 })),
    values: optional(list(setValue)),
    updateTriggerToken: optional(secretText({ description: 'Handed to who is told of the update.' })),
  },
  { $id: 'OverrideTaskStepProperties' },
);

export const taskRunRequest = object(
  {
    type: Type.Literal('TaskRunRequest'),
    ...requestMembers,
    taskId: filledText({ description: 'The resource ID of the task.' }),
    overrideTaskStepProperties: optional(overrideTaskStepProperties),
  },
  { $id: 'TaskRunRequest', description: 'A run of a task, with other arguments or values where given.' },
);

export const runRequest = oneOfTypes(
  [dockerBuildRequest, fileTaskRunRequest, encodedTaskRunRequest, taskRunRequest] as const,
  { $id: 'RunRequest' },
);

export type Argument = Static<typeof argument>;
export type DockerBuildRequest = Static<typeof dockerBuildRequest>;
export type FileTaskRunRequest = Static<typeof fileTaskRunRequest>;
export type EncodedTaskRunRequest = Static<typeof encodedTaskRunRequest>;
export type TaskRunRequest = Static<typeof taskRunRequest>;
export type RunRequest = Static<typeof runRequest>;
