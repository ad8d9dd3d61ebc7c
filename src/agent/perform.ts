import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  dockerPlatform,
  messageOf,
  ServiceError,
  type FinalRunStatus,
  type ImageDescriptor,
  type RunDependencies,
  type StepState,
} from '../model/index.ts';
import type { RunAssignment } from '../protocol/index.ts';
import type { BuildLimits, Engine } from '../engine/index.ts';
import type { FetchedSource, SourceLimits } from '../sources/index.ts';
import type { Task } from '../taskfile/index.ts';
import { Stopped } from './lease.ts';
import { removeDirectory } from './remove-directory.ts';
import type { RunLog } from './run-log.ts';
import type { Allowances } from './task/allowances.ts';
import { performTask } from './task/perform-task.ts';
import { TaskFailed } from './task/step-failed.ts';
import type { TaskResult } from './task/task-run.ts';

export interface Performance {
  readonly status: FinalRunStatus;
  readonly errorMessage?: string;
  readonly outputImages: readonly ImageDescriptor[];
  readonly dependencies: readonly RunDependencies[];
}

export type PerformedRun = Pick<
  RunAssignment,
  'runKey' | 'runId' | 'attempt' | 'timeoutSeconds' | 'platform' | 'limits' | 'logins'
>;

export interface PerformDeps {
  readonly engine: Engine;
  readonly log: RunLog;
  readonly instanceId: string;
  /** The run's own directory; removed by the caller. */
  readonly directory: string;
  readonly sourceLimits: Partial<SourceLimits>;
  /** Holds the run's build to its limits; see `BuildLimits`. */
  readonly limits: Pick<BuildLimits, 'group' | 'onUnlimited'>;
  readonly allowances: Allowances;
  readonly maxParallelSteps: number;
  onStep(state: StepState): void;
  /** Brings the source into a directory. */
  fetchSource(directory: string, signal: AbortSignal): Promise<FetchedSource>;
  /** What is to be done with it. */
  readTask(source: FetchedSource, signal: AbortSignal): Promise<Task>;
  /** Names its caches in the registry; see `TaskFileWork`. */
  readonly cacheName: string;
  /** Remembers what is to be done once the run has been reported. */
  afterwards(work: () => Promise<void>): void;
}

const maxMessageLength = 4096;

/**
 * Performs one attempt of a run: source, steps, report. Whatever goes wrong is the outcome, with
 * one clear last line in the log; it throws only when the run is to be somebody else's.
 * @param signal aborts with `Stopped`; what runs then ends within seconds.
 */
export async function performRun(
  deps: PerformDeps,
  run: PerformedRun,
  signal: AbortSignal,
): Promise<Performance> {
  const startedAt = Date.now();
  const seconds = (): number => Math.round((Date.now() - startedAt) / 1000);
  try {
    const made = await performWork(deps, run, signal);
    deps.log.plain(`\nRun ID: ${run.runId} was successful after ${seconds()}s`);
    return { status: 'Succeeded', ...made };
  } catch (error) {
    if (isGivenAway(signal)) throw error;
    const { status, says } = outcomeOf(error, signal, run);
    deps.log.plain(`\nRun ID: ${run.runId} ${says} after ${seconds()}s${reasonOf(status, error)}`);
    const message = status === 'Canceled' ? undefined : messageFor(status, error, run);
    const errorMessage = message === undefined ? {} : { errorMessage: shownMessage(deps.log, message) };
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
  run: PerformedRun,
): { status: FinalRunStatus; says: string } {
  const why = signal.aborted && signal.reason instanceof Stopped ? signal.reason.why : undefined;
  if (why === 'canceled') return { status: 'Canceled', says: 'was canceled' };
  if (why === 'timeout')
    return { status: 'Timeout', says: `timed out (its timeout is ${run.timeoutSeconds}s)` };
  if (error instanceof ServiceError && error.statusCode >= 500) return { status: 'Error', says: 'failed' };
  return { status: error instanceof ServiceError ? 'Failed' : 'Error', says: 'failed' };
}

function reasonOf(status: FinalRunStatus, error: unknown): string {
  if (status !== 'Failed' && status !== 'Error') return '';
  if (error instanceof TaskFailed) return `. Error: failed during run, err: ${error.reason}`;
  return `. Error: ${messageOf(error)}`;
}

/** A message as the server may keep and show it: what fails may have secrets in its words, and be long. */
function shownMessage(log: RunLog, message: string): string {
  const shown = log.mask(message);
  return shown.length <= maxMessageLength ? shown : `${shown.slice(0, maxMessageLength - 1)}…`;
}

function messageFor(status: FinalRunStatus, error: unknown, run: PerformedRun): string {
  return status === 'Timeout'
    ? `the run took longer than its timeout of ${run.timeoutSeconds} seconds`
    : messageOf(error);
}

async function performWork(deps: PerformDeps, run: PerformedRun, signal: AbortSignal): Promise<TaskResult> {
  const { log, directory } = deps;
  const checkout = path.join(directory, 'source');
  await mkdir(checkout, { recursive: true });
  log.line('Downloading source code...');
  const source = await deps.fetchSource(checkout, signal);
  log.line('Finished downloading source code');
  const sourceDirectory = source.contextDirectory;
  const task = await deps.readTask(source, signal);
  let cleaning: Promise<void> | undefined;
  const result = await performTask(
    {
      ...{ engine: deps.engine, log, directory, sourceDirectory, logins: run.logins },
      ...(source.commit !== undefined && { commit: source.commit }),
      // unique on an engine that several servers and agents share
      name: `slipway-${run.runKey}-${run.attempt}-${randomUUID().slice(0, 8)}`,
      instanceId: deps.instanceId,
      platform: dockerPlatform(run.platform),
      limits: { ...run.limits, ...deps.limits },
      sourceLimits: deps.sourceLimits,
      cacheName: deps.cacheName,
      allowances: deps.allowances,
      maxParallelSteps: deps.maxParallelSteps,
      onStep({ errorMessage, ...state }) {
        const shown = errorMessage === undefined ? {} : { errorMessage: shownMessage(log, errorMessage) };
        deps.onStep({ ...state, ...shown });
      },
      onWorkspaceDone() {
        cleaning ??= removeDirectory(deps.engine, checkout).catch(() => {}); // it goes with the run's directory
      },
      afterwards: (work) => deps.afterwards(work),
    },
    task,
    signal,
  );
  await cleaning;
  return result;
}
