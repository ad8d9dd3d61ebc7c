import { stat } from 'node:fs/promises';
import type { BuildOptions, BuildSecret } from '../../engine/index.ts';
import { ServiceError } from '../../model/index.ts';
import { parseImageReference, type BuildStep } from '../../taskfile/index.ts';
import { pathOnMachine } from './places.ts';
import type { TaskRun } from './task-run.ts';

type Asked = Omit<
  BuildOptions,
  | ('contextDirectory' | 'dockerfile' | 'buildArguments')
  | ('dockerConfigDirectory' | 'scratchDirectory' | 'onOutput' | 'signal')
>;

/** What a build step's command line asks of the engine, besides its context and arguments. */
export async function buildOptionsOf(run: TaskRun, step: BuildStep): Promise<Asked> {
  const { command } = step;
  const platform = command.platform ?? run.platform;
  const cache = step.isCacheEnabled ? cacheOf(run, step) : undefined;
  return {
    workspaceDirectory: run.sourceDirectory,
    environment: step.environment,
    secrets: await Promise.all(command.secrets.map((secret) => secretOf(run, step, secret))),
    tags: command.tags,
    ...(command.target !== undefined && { target: command.target }),
    ...(platform !== undefined && { platform }),
    noCache: command.isCacheIgnored,
    isPulled: command.isPulled || step.isPulled,
    ...{ cacheFrom: command.cacheFrom, cacheTo: command.cacheTo },
    ...(cache !== undefined && { registryCache: { reference: cache } }),
    ...{ labels: command.labels, addHosts: command.addHosts, otherFlags: command.otherFlags },
    ...(command.network !== undefined && { network: command.network }),
    ...(run.limits && { limits: run.limits }),
  };
}

/** Where a step's cache is kept: `cache_<task>_<step>` of its first image's repository. */
function cacheOf({ cacheName }: TaskRun, { id, command }: BuildStep): string | undefined {
  const [first] = command.tags;
  if (first === undefined) return undefined;
  const { registry, repository } = parseImageReference(first);
  const tag = `cache_${cacheName}_${id}`.replace(/[^\w.-]/g, '_').slice(0, 128);
  return `${registry}/${repository}:${tag}`;
}

async function secretOf(
  run: TaskRun,
  step: BuildStep,
  { id, source, variable }: BuildStep['command']['secrets'][number],
): Promise<BuildSecret> {
  if (source === undefined) return { id, ...(variable !== undefined && { variable }) };
  const file = await pathOnMachine(run, step, source);
  const isFile = file !== undefined && (await stat(file)).isFile();
  if (isFile) return { id, source: file };
  throw new ServiceError(400, 'SecretNotFound', `the secret ${id} of the build: there is no file ${source}`);
}
