import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Secret, ServiceError } from '../../model/index.ts';
import { readEnvironment, withValues, type ValuedArgument } from '../../engine/index.ts';
import { fetchSource, parseSourceLocation, resolveInside } from '../../sources/index.ts';
import {
  isRemoteContext,
  scanDockerfile,
  type BuildStep,
  type ScannedDockerfile,
} from '../../taskfile/index.ts';
import { artifactCredential } from '../login-of.ts';
import { buildOptionsOf } from './build-options.ts';
import { keepHead } from './keep-head.ts';
import { dockerConfigDirectory, pathOnMachine, withCopies } from './places.ts';
import type { StepDeps, Try } from './step-deps.ts';
import type { TaskRun } from './task-run.ts';

/** No longer one is looked through. */
const maxDockerfileBytes = 1024 * 1024;

/** What a build step made, for the report. */
export interface BuiltStep {
  readonly scanned: ScannedDockerfile;
  /** The beginning of its output, where BuildKit names what it resolved. */
  readonly output: string;
  /** The commit that its context is of. */
  readonly commit: string | undefined;
}

/** Gets a build step's context and looks through its Dockerfile. @returns what builds it once. */
export async function prepareBuild(deps: StepDeps, step: BuildStep, signal: AbortSignal): Promise<Try> {
  const { output } = deps;
  const { log, engine } = deps.run;
  const scratchDirectory = path.join(deps.run.directory, 'builds', String(deps.index));
  await mkdir(scratchDirectory, { recursive: true });
  const run = deps.hasNeighbours ? await withCopies(deps.run, step, scratchDirectory, signal) : deps.run;
  const { directory, commit } = await contextOf(run, step, path.join(scratchDirectory, 'context'), signal);
  const buildArguments = withValues(step.command.buildArguments, readEnvironment(step.environment));
  const dockerfile = step.command.dockerfile ?? 'Dockerfile';
  log.line('Scanning for dependencies...');
  const scanned = await scan(run, step, directory, buildArguments);
  log.line('Successfully scanned dependencies');
  return async (_number, tail, trySignal) => {
    log.line(`Launching container with name: ${step.id}`);
    const head = keepHead(1024 * 1024);
    const { imageId } = await engine.build({
      contextDirectory: directory,
      dockerfile,
      buildArguments,
      ...(await buildOptionsOf(run, step)),
      dockerConfigDirectory: dockerConfigDirectory(deps.run),
      scratchDirectory,
      onOutput: (chunk) => {
        head.add(chunk);
        tail.add(chunk);
        return output.write(chunk);
      },
      signal: trySignal,
    });
    output.flush();
    const { tags } = step.command;
    for (const tag of tags) deps.built.add(tag, imageId);
    run.afterwards(async () => {
      // The layers stay as cache until the engine needs the room.
      for (const tag of tags) await engine.removeImage(tag, imageId);
    });
    deps.builds.set(step.id, { scanned, output: head.text(), commit });
    log.line(`Successfully executed container: ${step.id}`);
    return 0;
  };
}

async function contextOf(
  run: TaskRun,
  step: BuildStep,
  directory: string,
  signal: AbortSignal,
): Promise<{ directory: string; commit: string | undefined }> {
  const { context } = step.command;
  if (isRemoteContext(context)) {
    const location = parseSourceLocation(context);
    const fetched = await fetchSource(location, directory, {
      openUpload: () => Promise.reject(new Error('a context that is fetched is no upload')),
      credential: artifactCredential(run.logins, location),
      signal,
      limits: run.sourceLimits,
    });
    return { directory: fetched.contextDirectory, commit: fetched.commit };
  }
  const found = await pathOnMachine(run, step, context);
  if (found !== undefined && (await stat(found)).isDirectory())
    return { directory: found, commit: run.commit };
  throw new ServiceError(
    400,
    'ContextNotFound',
    `unable to find the context ${JSON.stringify(context)}; it is a directory of the workspace, or a URL`,
  );
}

/** A Dockerfile that is not there, or outside of the source, is the build's own error to tell. */
async function scan(
  run: TaskRun,
  { command }: BuildStep,
  contextDirectory: string,
  buildArguments: readonly ValuedArgument[],
): Promise<ScannedDockerfile> {
  const written = path.resolve(contextDirectory, command.dockerfile ?? 'Dockerfile');
  const [inContext, inWorkspace] = await Promise.all(
    [contextDirectory, run.sourceDirectory].map((each) => resolveInside(each, path.relative(each, written))),
  );
  const file = inContext ?? inWorkspace;
  const found = file === undefined ? undefined : await stat(file);
  // a step may have put a pipe or a device there, of which there is no end
  if (file === undefined || !found?.isFile() || found.size > maxDockerfileBytes) {
    return { runtime: undefined, buildtime: [] };
  }
  const text = await readFile(file, 'utf8');
  const platform = command.platform ?? run.platform;
  return scanDockerfile(text, {
    ...(command.target !== undefined && { target: command.target }),
    buildArgs: Object.fromEntries(
      buildArguments.map(({ name, value }) => [name, value instanceof Secret ? value.reveal() : value]),
    ),
    ...(platform !== undefined && { platform }),
  });
}
