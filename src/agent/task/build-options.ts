import type { BuildOptions } from '../../engine/index.ts';
import type { BuildStep } from '../../taskfile/index.ts';
import type { TaskRun } from './task-run.ts';

/** What a build step's command line asks of the engine, besides its context and arguments. */
export async function buildOptionsOf(
  run: TaskRun,
  { command }: BuildStep,
): Promise<Pick<BuildOptions, 'tags' | 'target' | 'platform' | 'noCache' | 'limits'>> {
  const platform = command.platform ?? run.platform;
  return {
    tags: command.tags,
    ...(command.target !== undefined && { target: command.target }),
    ...(platform !== undefined && { platform }),
    noCache: command.isCacheIgnored,
    ...(run.limits && { limits: run.limits }),
  };
}
