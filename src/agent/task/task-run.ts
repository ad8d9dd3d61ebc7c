import type { RunDependencies, ImageDescriptor, StepState } from '../../model/index.ts';
import type { BuildLimits, Engine } from '../../engine/index.ts';
import type { SourceLimits } from '../../sources/index.ts';
import type { RegistryLogin } from '../../protocol/index.ts';
import type { RunLog } from '../run-log.ts';
import type { Allowances } from './allowances.ts';

/** One run of a task: what its steps share. */
export interface TaskRun {
  readonly engine: Engine;
  readonly log: RunLog;
  /** Begins the name of everything that the run has on the engine, and is the value of its `runLabel`. */
  readonly name: string;
  /** Of the agent process or command that performs it: the value of `slipway.instance`. */
  readonly instanceId: string;
  /** The run's own directory; the caller removes it. */
  readonly directory: string;
  /** Holds the source, and is `/workspace` in steps. */
  readonly sourceDirectory: string;
  /** The commit that the source is of. */
  readonly commit?: string;
  /** `linux/amd64`; default: the engine's own. */
  readonly platform?: string;
  /** What the run may take of the machine. */
  readonly limits?: BuildLimits;
  readonly sourceLimits: Partial<SourceLimits>;
  readonly logins: readonly RegistryLogin[];
  /** Names its caches in the registry; see `TaskFileWork`. */
  readonly cacheName: string;
  readonly allowances: Allowances;
  /** So many steps run at the same time; those that are detached do not count. */
  readonly maxParallelSteps: number;
  /** Hears of each change of a step. */
  onStep(state: StepState): void;
  /** No step needs the workspace any more. */
  onWorkspaceDone(): void;
  /** Remembers what is to be done once the run has been reported. */
  afterwards(work: () => Promise<void>): void;
}

/** Says on the engine which run a thing is of. */
export const runLabel = 'slipway.run';

export function labelsOf({ instanceId, name }: TaskRun): Record<string, string> {
  return { 'slipway.instance': instanceId, [runLabel]: name };
}

export interface TaskResult {
  /** What was pushed. */
  readonly outputImages: readonly ImageDescriptor[];
  /** Of every image that a build step named. */
  readonly dependencies: readonly RunDependencies[];
}
