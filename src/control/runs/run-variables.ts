import type { Registry, Run, RunVariables } from '../../model/index.ts';
import { runDate } from '../../taskfile/index.ts';
import { triggerVariables } from './trigger-variables.ts';

/** `.Run.TaskName` of a run without a task. */
const noTask = 'quicktask';

/** A run as its templates see it. */
export type NamedRun = Pick<Run, 'runId' | 'platform' | 'createTime' | 'trigger'> & {
  readonly taskName?: string | undefined;
};

/** What the server knows of a run for its templates; its agent adds what the source says. */
export function runVariables(registry: Registry, run: NamedRun): RunVariables {
  const { os, architecture = 'amd64' } = run.platform;
  return {
    ID: run.runId,
    TaskName: run.taskName ?? noTask,
    Registry: registry.loginServer,
    RegistryName: registry.name,
    Date: runDate(run.createTime),
    OS: os.toLowerCase(),
    Architecture: architecture.toLowerCase(),
    ...triggerVariables(run.trigger),
  };
}
