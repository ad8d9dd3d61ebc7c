import { ServiceError, type Registry, type Secret } from '../../model/index.ts';
import type { Argument, DockerBuildRequest, TaskRunRequest } from '../../spec/index.ts';
import { sourceToken } from './source-token.ts';
import type { OpenTask } from './tasks.ts';

/** A build with what only a task has. */
export interface TaskBuildRequest extends DockerBuildRequest {
  /** The credential of the source. */
  readonly contextAccessToken?: Secret;
  readonly updateTriggerToken?: Secret;
}

/**
 * The build that a run of the task is, with the request's overrides.
 * @throws ServiceError 409 `TaskDisabled`; 400 `NotSupported` for steps that this version does not perform.
 */
export function taskBuildRequest(
  registry: Registry,
  task: OpenTask,
  request: TaskRunRequest,
): TaskBuildRequest {
  const { properties } = task;
  const { step, platform } = properties;
  const refuse = (status: number, code: string, message: string): never => {
    throw new ServiceError(status, code, message, { target: 'taskId' });
  };
  if (properties.status === 'Disabled') {
    const command = `az acr task update -r ${registry.name} -n ${task.name} --status Enabled`;
    return refuse(409, 'TaskDisabled', `the task ${task.name} is disabled; enable it with: ${command}`);
  }
  if (step?.type !== 'Docker' || platform === undefined) {
    const what = step === undefined ? 'is a system task' : `has a step of type ${step.type}`;
    return refuse(
      400,
      'NotSupported',
      `the task ${task.name} ${what}; this version performs Docker steps only`,
    );
  }
  const { overrideTaskStepProperties: override = {} } = request;
  const sourceLocation = override.contextPath ?? step.contextPath;
  if (sourceLocation === undefined) {
    const message =
      `the task ${task.name} has no contextPath; give one in overrideTaskStepProperties.contextPath, or to ` +
      `the task itself`;
    throw new ServiceError(400, 'MissingParameter', message, {
      target: 'overrideTaskStepProperties.contextPath',
    });
  }
  const agentPoolName = request.agentPoolName ?? properties.agentPoolName;
  const logTemplate = request.logTemplate ?? properties.logTemplate;
  const target = override.target ?? step.target;
  const token = sourceToken(properties, step, sourceLocation);
  return {
    type: 'DockerBuildRequest',
    isArchiveEnabled: request.isArchiveEnabled,
    ...(agentPoolName !== undefined && { agentPoolName }),
    ...(logTemplate !== undefined && { logTemplate }),
    timeout: properties.timeout,
    platform,
    agentConfiguration: properties.agentConfiguration,
    ...(properties.credentials && { credentials: properties.credentials }),
    imageNames: step.imageNames,
    isPushEnabled: step.isPushEnabled,
    noCache: step.noCache,
    dockerFilePath: override.file || step.dockerFilePath,
    ...(target !== undefined && { target }),
    arguments: overridden(step.arguments, override.arguments ?? []),
    sourceLocation,
    ...(token && { contextAccessToken: token }),
    ...(override.updateTriggerToken && { updateTriggerToken: override.updateTriggerToken }),
  };
}

/** The step's arguments with the values of the overrides of the same name, and then the other overrides. */
function overridden(own: readonly Argument[], overrides: readonly Argument[]): Argument[] {
  const byName = new Map([...own, ...overrides].map((each) => [each.name, each]));
  return [...byName.values()];
}
