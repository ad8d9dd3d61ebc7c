import { taskRunResourceId, type TaskRunResource } from '../../control/index.ts';
import { isFinal, type Registry } from '../../model/index.ts';
import { hideSecrets, type revealSecrets } from '../../spec/index.ts';
import { provisioningStateOf, runBody } from './wire-run.ts';

/** A task run as the specification's TaskRun, with its run as that is now; `view` says what of its secrets. */
export function taskRunBody(
  registry: Registry,
  taskRun: TaskRunResource,
  view: typeof hideSecrets | typeof revealSecrets = hideSecrets,
) {
  const { name, location, tags, identity, runRequest, forceUpdateTag, systemData, run } = taskRun;
  return {
    type: 'Microsoft.ContainerRegistry/registries/taskRuns',
    id: taskRunResourceId(registry, name),
    name,
    ...(location !== undefined && { location }),
    ...(tags && { tags }),
    ...(identity && { identity }),
    systemData,
    properties: {
      provisioningState: stateOf(taskRun),
      runRequest: view(runRequest),
      ...(run && { runResult: runBody(registry, run) }),
      ...(forceUpdateTag !== undefined && { forceUpdateTag }),
    },
  };
}

/** That of its run; `Succeeded` when the run is purged. */
function stateOf({ run, isUpdate }: TaskRunResource) {
  if (!run) return 'Succeeded';
  if (isFinal(run.status)) return provisioningStateOf(run.status);
  return isUpdate ? 'Updating' : 'Creating';
}
