import { Type, type Static } from 'typebox';
import { list, object, oneOfTypes, optional, readOnly, refined, secretText, text, word } from '../members.ts';
import {
  dockerBuildMembers,
  encodedTaskMembers,
  fileTaskMembers,
  requireTexts,
  sourceAddress,
} from './common.ts';

const baseImageDependency = object(
  {
    type: optional(word(['BuildTime', 'RunTime'] as const)),
    registry: optional(text()),
    repository: optional(text()),
    tag: optional(text()),
    digest: optional(text()),
  },
  { $id: 'BaseImageDependency' },
);

const stepMembers = {
  baseImageDependencies: readOnly(list(baseImageDependency)),
  contextPath: optional(sourceAddress),
  contextAccessToken: optional(secretText({ description: 'The token of the repository of the context.' })),
};

export const dockerBuildStep = object(
  { type: Type.Literal('Docker'), ...stepMembers, ...dockerBuildMembers },
  { $id: 'DockerBuildStep', description: 'One build, then a push of its images.' },
);

export const fileTaskStep = object(
  { type: Type.Literal('FileTask'), ...stepMembers, ...fileTaskMembers },
  { $id: 'FileTaskStep', description: 'The steps of a task file in the context.' },
);

export const encodedTaskStep = refined(
  object(
    { type: Type.Literal('EncodedTask'), ...stepMembers, ...encodedTaskMembers },
    { $id: 'EncodedTaskStep', description: 'The steps of a task file that is sent along.' },
  ),
  requireTexts,
);

export const taskStep = oneOfTypes([dockerBuildStep, fileTaskStep, encodedTaskStep] as const, {
  $id: 'TaskStepProperties',
});

export type DockerBuildStep = Static<typeof dockerBuildStep>;
export type FileTaskStep = Static<typeof fileTaskStep>;
export type EncodedTaskStep = Static<typeof encodedTaskStep>;
export type TaskStep = Static<typeof taskStep>;
