import { randomInt } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  dockerPlatform,
  messageOf,
  Secret,
  ServiceError,
  type FinalRunStatus,
  type ImageDescriptor,
  type RunDependencies,
} from '../model/index.ts';
import type { RunAssignment } from '../protocol/index.ts';
import { writeDockerConfig, type BuildLimits, type Engine } from '../engine/index.ts';
import type { Http } from '../client/index.ts';
import type { SourceLimits } from '../sources/index.ts';
import { expandWork } from './expand-work.ts';
import { fetchSource } from './source.ts';
import { describeBuild, dependencyReport, scanBuild } from './dependencies.ts';
import { Stopped } from './lease.ts';
import type { LogWriter } from './log-writer.ts';
import { keepHead } from './keep-head.ts';
import { pushImages } from './push.ts';

export interface Performance {
  readonly status: FinalRunStatus;
  readonly errorMessage?: string;
  readonly outputImages: readonly ImageDescriptor[];
  readonly dependencies: readonly RunDependencies[];
}

export interface PerformDeps {
  readonly engine: Engine;
  readonly http: Http;
  readonly log: LogWriter;
  /** The run's own directory; removed by the caller. */
  readonly directory: string;
  readonly sourceLimits: Partial<SourceLimits>;
  /** Holds the run's build to its limits; see `BuildLimits`. */
  readonly limits: Pick<BuildLimits, 'group' | 'onUnlimited'>;
  /** Remembers what is to be done once the run has been reported. */
  afterwards(work: () => Promise<void>): void;
}

/**
 * Performs one attempt of a run: source, build, push, report. Whatever goes wrong is the outcome, with
 * one clear last line in the log; it throws only when the run is to be somebody else's.
 * @param signal aborts with `Stopped`; what runs then ends within seconds.
 */
export async function performRun(
  deps: PerformDeps,
  run: RunAssignment,
  signal: AbortSignal,
): Promise<Performance> {
  const startedAt = Date.now();
  const seconds = (): number => Math.round((Date.now() - startedAt) / 1000);
  try {
    const made = await buildAndPush(deps, run, signal);
    deps.log.plain(`\nRun ID: ${run.runId} was successful after ${seconds()}s`);
    return { status: 'Succeeded', ...made };
  } catch (error) {
    if (isGivenAway(signal)) throw error;
    const { status, says } = outcomeOf(error, signal, run);
    deps.log.plain(`\nRun ID: ${run.runId} ${says} after ${seconds()}s${reasonOf(status, error)}`);
    const errorMessage = status === 'Canceled' ? {} : { errorMessage: messageFor(status, error, run) };
    return { status, ...errorMessage, outputImages: [], dependencies: [] };
  }
}

/** The run was lost, or this agent has to stop: the next attempt says how it ends. */
export function isGivenAway(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && reason instanceof Stopped && (reason.why === 'lost' || reason.why === 'shutdown');
}

function outcomeOf(
  error: unknown,
  signal: AbortSignal,
  run: RunAssignment,
): { status: FinalRunStatus; says: string } {
  const why = signal.aborted && signal.reason instanceof Stopped ? signal.reason.why : undefined;
  if (why === 'canceled') return { status: 'Canceled', says: 'was canceled' };
  if (why === 'timeout')
    return { status: 'Timeout', says: `timed out (its timeout is ${run.timeoutSeconds}s)` };
  if (error instanceof ServiceError && error.statusCode >= 500) return { status: 'Error', says: 'failed' };
  return { status: error instanceof ServiceError ? 'Failed' : 'Error', says: 'failed' };
}

function reasonOf(status: FinalRunStatus, error: unknown): string {
  return status === 'Failed' || status === 'Error' ? `. Error: ${messageOf(error)}` : '';
}

function messageFor(status: FinalRunStatus, error: unknown, run: RunAssignment): string {
  return status === 'Timeout'
    ? `the run took longer than its timeout of ${run.timeoutSeconds} seconds`
    : messageOf(error);
}

async function buildAndPush(
  deps: PerformDeps,
  run: RunAssignment,
  signal: AbortSignal,
): Promise<{ outputImages: ImageDescriptor[]; dependencies: RunDependencies[] }> {
  const { engine, log, directory } = deps;
  const sourceDirectory = path.join(directory, 'source');
  const dockerConfigDirectory = path.join(directory, 'docker');
  await mkdir(sourceDirectory, { recursive: true });

  log.line('Downloading source code...');
  const source = await fetchSource(deps, run, sourceDirectory, signal);
  log.line('Finished downloading source code');
  if (run.work.kind === 'taskFile')
    throw new ServiceError(500, 'NotSupported', 'this agent does not perform task files');
  const variables = {
    ...run.variables,
    ...(source.commit !== undefined && { Commit: source.commit }),
    ...(source.branch !== undefined && { Branch: source.branch }),
  };
  const work = expandWork(run.work, variables, { now: new Date(), random: randomInt });
  await logIn(deps, run, dockerConfigDirectory);

  const context = source.contextDirectory;
  log.line(
    `Executing step ID: build. Timeout(sec): ${run.timeoutSeconds}, Working directory: '', Network: ''`,
  );
  const buildStartedAt = Date.now();
  log.line('Scanning for dependencies...');
  const scanned = await scanBuild(context, work, dockerPlatform(run.platform));
  log.line('Successfully scanned dependencies');
  log.line('Launching container with name: build');
  const head = keepHead(1024 * 1024);
  const { imageId } = await engine.build({
    contextDirectory: context,
    dockerfile: work.dockerFilePath,
    tags: [...work.images],
    ...(work.target !== undefined && { target: work.target }),
    buildArguments: work.arguments.map(({ name, value, isSecret }) => ({
      name,
      value: isSecret ? new Secret(value) : value,
    })),
    platform: dockerPlatform(run.platform),
    noCache: work.noCache,
    limits: { ...run.limits, ...deps.limits },
    dockerConfigDirectory,
    scratchDirectory: directory,
    onOutput: (chunk) => {
      head.add(chunk);
      return log.write(chunk);
    },
    signal,
  });
  deps.afterwards(() => untag(engine, work.images, imageId));
  log.line('Successfully executed container: build');
  const buildSeconds = (Date.now() - buildStartedAt) / 1000;

  const cleaning = rm(sourceDirectory, { recursive: true, force: true });
  const pushed = work.isPushEnabled
    ? await pushImages(
        { engine, log, dockerConfigDirectory },
        work.images,
        imageId,
        run.timeoutSeconds,
        signal,
      )
    : { digests: new Map<string, string>(), seconds: undefined };
  log.line(elapsed('build', buildSeconds));
  log.line('Populating digests for step ID: build...');
  const described = await describeBuild(
    engine,
    scanned,
    work.images,
    pushed.digests,
    head.text(),
    source.commit,
  );
  log.line('Successfully populated digests for step ID: build');
  if (pushed.seconds !== undefined) log.line(elapsed('push', pushed.seconds));
  for (const text of dependencyReport(described)) log.plain(text);
  await cleaning;
  return {
    outputImages: work.isPushEnabled ? described.map(({ image }) => image) : [],
    dependencies: described,
  };
}

function elapsed(stepId: string, seconds: number): string {
  return `Step ID: ${stepId} marked as successful (elapsed time in seconds: ${seconds.toFixed(6)})`;
}

/** The run's own Docker configuration, in a directory of its own: credentials never mix. */
async function logIn({ log }: PerformDeps, run: RunAssignment, directory: string): Promise<void> {
  log.line('Setting up Docker configuration...');
  await writeDockerConfig(
    directory,
    run.logins.map(({ registry, username, password }) => ({
      registry,
      username,
      password: new Secret(password),
    })),
  );
  log.line('Successfully set up Docker configuration');
  for (const { registry } of run.logins) {
    log.line(`Logging in to registry: ${registry}`);
    log.line(`Successfully logged into ${registry}`);
  }
}

/** Takes the run's names off its image; the layers stay as cache until the engine needs the room. */
async function untag(engine: Engine, images: readonly string[], imageId: string): Promise<void> {
  for (const image of images) await engine.removeImage(image, imageId);
}
