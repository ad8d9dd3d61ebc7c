import { randomInt } from 'node:crypto';
import type { Secret } from '../model/index.ts';
import type { RunAssignment } from '../protocol/index.ts';
import { parseSourceLocation, type FetchedSource } from '../sources/index.ts';
import type { Task } from '../taskfile/index.ts';
import { dockerBuildTask } from './docker-build-task.ts';
import { expandWork } from './expand-work.ts';
import { readWorkTask, type ReadTaskDeps } from './read-task.ts';
import type { RunLog } from './run-log.ts';

/** The task that a run is, once its source is there. What has no effect in its file is said in the log. */
export async function taskOf(
  deps: Pick<ReadTaskDeps, 'resolveSecrets' | 'imageAliases'> & { readonly log: RunLog },
  run: RunAssignment,
  source: FetchedSource,
  signal: AbortSignal,
): Promise<Task> {
  const { work } = run;
  const { commit, branch } = source;
  const repository = repositoryOf(run.source);
  const variables = {
    ...(repository !== undefined && { Repository: repository }),
    ...run.variables,
    ...(commit !== undefined && { Commit: commit }),
    ...(branch !== undefined && { Branch: branch }),
  };
  if (work.kind === 'dockerBuild') {
    const surroundings = { now: new Date(), random: randomInt };
    return dockerBuildTask(expandWork(work, variables, surroundings), run.timeoutSeconds);
  }
  const { task, warnings } = await readWorkTask(
    {
      sourceDirectory: source.contextDirectory,
      variables,
      resolveSecrets: (secrets) => deps.resolveSecrets(secrets),
      imageAliases: deps.imageAliases,
      onSecrets: (secrets: readonly Secret[]) => deps.log.addSecrets(secrets),
    },
    work,
    signal,
  );
  for (const warning of warnings) deps.log.line(`WARNING: ${warning}`);
  return task;
}

/** The repository of a git source, without credential and fragment. */
function repositoryOf(source: RunAssignment['source']): string | undefined {
  if (source?.kind !== 'remote') return undefined;
  const location = parseSourceLocation(source.location);
  return location.kind === 'git' ? location.url : undefined;
}
