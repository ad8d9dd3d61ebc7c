import type {
  ImageDescriptor,
  RunDependencies,
  FinalRunStatus,
  Platform,
  RunLimits,
  RunVariables,
  StepState,
} from '../model/index.ts';

/** Version of the contract between server and agent; both send it and refuse another major. */
export const protocolVersion = 1;

/** Prefix of every route below. */
export const agentApiPrefix = '/agent/v1';

/** `POST /register` with the pool's join token as bearer. */
export interface RegisterRequest {
  readonly protocolVersion: number;
  /** Stable for one place of work, such as `build-host-1`. */
  readonly name: string;
  /** New for each process. */
  readonly instanceId: string;
  /** `default`, `registry/pool`, or the name of a pool that no other registry has. */
  readonly pool: string;
  readonly os: string;
  readonly architecture: string;
  /** Earlier instances of this place that are dead: their runs are queued again at once. */
  readonly deadInstanceIds: readonly string[];
}

export interface RegisterResponse {
  readonly agentId: string;
  /** Bearer of every later call. */
  readonly agentToken: string;
  /** An agent silent for so long loses its run. */
  readonly leaseSeconds: number;
}

export interface RegistryLogin {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

export interface BuildArgument {
  readonly name: string;
  readonly value: string;
  readonly isSecret: boolean;
}

/** `POST /claim` answers one run (200) or, after a long wait, nothing (204). */
export interface RunAssignment {
  readonly runKey: number;
  readonly runId: string;
  readonly attempt: number;
  /** Seconds left of the run's own timeout. */
  readonly timeoutSeconds: number;
  readonly platform: Platform;
  /** What the build may take; an agent that cannot hold it to that goes on without. */
  readonly limits: RunLimits;
  readonly registryName: string;
  readonly loginServer: string;
  /** Whether the run logs in to its own registry, and to which others. */
  readonly logins: readonly RegistryLogin[];
  readonly source: RunSource | undefined;
  /** What templates know of the run (`.Run.…`); the agent adds what the source says. */
  readonly variables: RunVariables;
  readonly work: DockerBuildWork | TaskFileWork;
}

/** Where the context comes from: bytes that were uploaded, or a git or tarball URL as the client typed it. */
export type RunSource =
  | { readonly kind: 'upload'; readonly url: string }
  | {
      readonly kind: 'remote';
      readonly location: string;
      /** A token, or `user:password`, instead of the location's own. */
      readonly credential?: string;
    };

/** Dockerfile, images and the arguments that are no secrets are templates, to be rendered with the variables. */
export interface DockerBuildWork {
  readonly kind: 'dockerBuild';
  readonly dockerFilePath: string;
  /** Those without a registry are the run's own registry's; without a tag `latest`. */
  readonly images: readonly string[];
  readonly isPushEnabled: boolean;
  readonly noCache: boolean;
  readonly target: string | undefined;
  readonly arguments: readonly BuildArgument[];
}

/** A task file's steps. */
export interface TaskFileWork {
  readonly kind: 'taskFile';
  readonly taskFile: TaskText;
  readonly valuesFile: TaskText | undefined;
  /** They go before those of the values file. */
  readonly values: readonly BuildArgument[];
  /** Names its caches in the registry: the task, or `quickrun`. */
  readonly cacheName: string;
}

/** A text, or the path of a file in the source that holds it. */
export type TaskText =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'path'; readonly path: string };

/** `POST /runs/{runKey}/steps`: where the attempt's steps stand; each step's latest state counts. 409 `LeaseLost`. */
export interface StepsRequest {
  readonly attempt: number;
  readonly steps: readonly StepState[];
}

/**
 * `POST /runs/{runKey}/secrets`: the values of secrets that a task file names. 400 when one cannot be read:
 * the message says which and why.
 */
export interface SecretsRequest {
  readonly attempt: number;
  readonly secrets: readonly {
    readonly id: string;
    readonly keyvault: string;
    readonly clientId?: string;
  }[];
}

export interface SecretsResponse {
  readonly values: Readonly<Record<string, string>>;
}

/**
 * `POST /runs/{runKey}/heartbeat`: extends the lease, and tells at first that the work has begun; the answer is held back until the run is to be
 * canceled or `waitSeconds` are over. 409 `LeaseLost` when the run is no longer this attempt's.
 */
export interface HeartbeatRequest {
  readonly attempt: number;
  readonly waitSeconds: number;
}

export interface HeartbeatResponse {
  readonly isCancelRequested: boolean;
}

/**
 * `POST /runs/{runKey}/log?attempt=&offset=` with bytes as the body: `offset` counts from the attempt's
 * start, so a chunk that was sent twice is stored once.
 */
export interface LogResponse {
  /** Where the next chunk starts. */
  readonly nextOffset: number;
}

/** `POST /runs/{runKey}/complete`: the end of an attempt, after its whole log. Repeating it changes nothing. */
export interface CompleteRequest {
  readonly attempt: number;
  readonly status: FinalRunStatus;
  readonly errorMessage?: string;
  readonly outputImages: readonly ImageDescriptor[];
  readonly dependencies: readonly RunDependencies[];
}
