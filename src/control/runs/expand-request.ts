import { ServiceError, type Registry } from '../../model/index.ts';
import type { DockerBuildRequest } from '../../spec/index.ts';
import { expandRunVariables, runDate, runVariablesIn, type RunVariable } from '../../taskfile/index.ts';

/** What `{{.Run.TaskName}}` is for a run without a task. */
const noTask = 'quicktask';

/** The values of a run's variables; the commit and the branch are known when its agent has the source. */
export function runValues(
  registry: Registry,
  run: { readonly runId: string; readonly taskName: string | undefined; readonly now: Date },
  { platform }: DockerBuildRequest,
): Partial<Record<RunVariable, string>> {
  return {
    'Run.ID': run.runId,
    'Build.ID': run.runId,
    'Run.Registry': registry.loginServer,
    'Run.RegistryName': registry.name,
    'Run.Date': runDate(run.now),
    'Run.TaskName': run.taskName ?? noTask,
    'Run.OS': platform.os.toLowerCase(),
    'Run.Architecture': (platform.architecture ?? 'amd64').toLowerCase(),
  };
}

/** The request with the values in place of `{{.Run.ID}}` and its like; secrets are taken as they are. */
export function expandRequest<R extends DockerBuildRequest>(
  request: R,
  values: Partial<Record<RunVariable, string>>,
): R {
  const expand = (text: string): string => expandRunVariables(text, values);
  return {
    ...request,
    imageNames: request.imageNames.map(expand),
    dockerFilePath: expand(request.dockerFilePath),
    arguments: request.arguments.map((each) =>
      typeof each.value === 'string' ? { ...each, value: expand(each.value) } : each,
    ),
  };
}

/**
 * Refuses expressions that no run can expand, and those of the source in a repository's name: the run's
 * credential is for repositories that are known beforehand.
 * @throws ServiceError 400 `InvalidExpression`.
 */
export function checkExpressions({ imageNames, dockerFilePath, arguments: all }: DockerBuildRequest): void {
  runVariablesIn(dockerFilePath, 'dockerFilePath');
  for (const [index, { value }] of all.entries()) {
    if (typeof value === 'string') runVariablesIn(value, `arguments[${index}].value`);
  }
  for (const [index, name] of imageNames.entries()) {
    const target = `imageNames[${index}]`;
    runVariablesIn(name, target);
    const repository = name.replace(/:[^/:]*$/, '');
    if (!runVariablesIn(repository).some((each) => each === 'Run.Commit' || each === 'Run.Branch')) continue;
    const message = `${target} is ${JSON.stringify(name)}; {{.Run.Commit}} and {{.Run.Branch}} may stand in the tag only`;
    throw new ServiceError(400, 'InvalidExpression', message, { target });
  }
}
