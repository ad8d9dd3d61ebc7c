import { Secret } from '../../model/index.ts';
import type { BuildArgument, RunAssignment, TaskText } from '../../protocol/index.ts';
import { decodeBase64Text, type Argument } from '../../spec/index.ts';
import type { WorkRequest } from '../tasks/task-request.ts';

/** What an agent does for a request. */
export function runWork(request: WorkRequest, taskName: string | undefined): RunAssignment['work'] {
  if (request.type === 'DockerBuildRequest') {
    return {
      kind: 'dockerBuild',
      dockerFilePath: request.dockerFilePath,
      images: request.imageNames,
      isPushEnabled: request.isPushEnabled,
      noCache: request.noCache,
      target: request.target || undefined, // an empty one means none
      arguments: request.arguments.map(buildArgument),
    };
  }
  const isFile = request.type === 'FileTaskRunRequest';
  return {
    kind: 'taskFile',
    taskFile: isFile ? inSource(request.taskFilePath) : sentAlong(request.encodedTaskContent),
    valuesFile: isFile
      ? request.valuesFilePath
        ? inSource(request.valuesFilePath)
        : undefined
      : request.encodedValuesContent
        ? sentAlong(request.encodedValuesContent)
        : undefined,
    values: request.values.map(buildArgument),
    cacheName: taskName ?? 'quickrun',
  };
}

function inSource(path: string): TaskText {
  return { kind: 'path', path };
}

function sentAlong(encoded: string): TaskText {
  return { kind: 'text', text: decodeBase64Text(encoded) ?? '' }; // it was checked at the door
}

function buildArgument({ name, value, isSecret }: Argument): BuildArgument {
  return { name, value: value instanceof Secret ? value.reveal() : value, isSecret };
}
