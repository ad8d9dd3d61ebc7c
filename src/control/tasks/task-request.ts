import { ServiceError, type Registry, type Secret } from '../../model/index.ts';
import type { Argument, RunRequest, TaskRunRequest } from '../../spec/index.ts';
import { sourceToken } from './source-token.ts';
import type { OpenTask } from './tasks.ts';

/** What a run is to do, in full: a request that is for no task, or what a task makes of one. */
export type WorkRequest = Exclude<RunRequest, TaskRunRequest> & {
  /** The credential of the source; only a task has one. */
  readonly contextAccessToken?: Secret;
  readonly updateTriggerToken?: Secret;
};

/**
 * What a run of the task does, with the request's overrides; those that the task's kind of step has no use
 * for change nothing.
 * @throws ServiceError 409 `TaskDisabled`; 400 for a system task, and for one without a context that needs it.
 */
export function taskWorkRequest(registry: Registry, task: OpenTask, request: TaskRunRequest): WorkRequest {
  const { properties } = task;
  const { step, platform } = properties;
  const refuse = (status: number, code: string, message: string): never => {
    throw new ServiceError(status, code, message, { target: 'taskId' });
  };
  if (properties.status === 'Disabled') {
    const command = `az acr task update -r ${registry.name} -n ${task.name} --status Enabled`;
    return refuse(409, 'TaskDisabled', `the task ${task.name} is disabled; enable it with: ${command}`);
  }
  if (step === undefined || platform === undefined)
    return refuse(400, 'NotSupported', `the task ${task.name} is a system task; it has no step to run`);
  const { overrideTaskStepProperties: override = {} } = request;
  const sourceLocation = override.contextPath ?? step.contextPath;
  const agentPoolName = request.agentPoolName ?? properties.agentPoolName;
  const logTemplate = request.logTemplate ?? properties.logTemplate;
  const token = sourceToken(properties, step, sourceLocation);
  const members = {
    isArchiveEnabled: request.isArchiveEnabled,
    ...(agentPoolName !== undefined && { agentPoolName }),
    ...(logTemplate !== undefined && { logTemplate }),
    timeout: properties.timeout,
    platform,
    agentConfiguration: properties.agentConfiguration,
    ...(properties.credentials && { credentials: properties.credentials }),
    ...(token && { contextAccessToken: token }),
    ...(override.updateTriggerToken && { updateTriggerToken: override.updateTriggerToken }),
  };
  if (step.type === 'EncodedTask') {
    const { encodedTaskContent, encodedValuesContent } = step;
    return {
      type: 'EncodedTaskRunRequest',
      ...members,
      encodedTaskContent,
      ...(encodedValuesContent !== undefined && { encodedValuesContent }),
      values: overridden(step.values, override.values ?? []),
      ...(sourceLocation !== undefined && { sourceLocation }),
    };
  }
  if (sourceLocation === undefined) throw noContext(task);
  if (step.type === 'FileTask') {
    const { valuesFilePath } = step;
    return {
      type: 'FileTaskRunRequest',
      ...members,
      taskFilePath: override.file || step.taskFilePath,
      ...(valuesFilePath !== undefined && { valuesFilePath }),
      values: overridden(step.values, override.values ?? []),
      sourceLocation,
    };
  }
  const target = override.target ?? step.target;
  return {
    type: 'DockerBuildRequest',
    ...members,
    imageNames: step.imageNames,
    isPushEnabled: step.isPushEnabled,
    noCache: step.noCache,
    dockerFilePath: override.file || step.dockerFilePath,
    ...(target !== undefined && { target }),
    arguments: overridden(step.arguments, override.arguments ?? []),
    sourceLocation,
  };
}

function noContext(task: OpenTask): ServiceError {
  const target = 'overrideTaskStepProperties.contextPath';
  const message = `the task ${task.name} has no contextPath; give one in ${target}, or to the task itself`;
  return new ServiceError(400, 'MissingParameter', message, { target });
}

/** The step's own arguments or values with those of the overrides of the same name, and then the other overrides. */
function overridden(own: readonly Argument[], overrides: readonly Argument[]): Argument[] {
  const byName = new Map([...own, ...overrides].map((each) => [each.name, each]));
  return [...byName.values()];
}
