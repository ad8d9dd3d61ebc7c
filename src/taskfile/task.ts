import type { Secret } from '../model/index.ts';

/**
 * A task as its file means it: rendered, defaults filled in and valid (`readTask`). Members that the file
 * leaves out and that have no default are absent. All times are in seconds.
 */
export interface Task {
  /** `v1.0.0`, `v1.1.0` or `1.0-preview-1`. */
  readonly version: string;
  /** In the order in which they were written. */
  readonly steps: readonly Step[];
  /** The networks that the run makes, or with `isCreationSkipped` takes as they are. */
  readonly networks: readonly TaskNetwork[];
  readonly volumes: readonly TaskVolume[];
  readonly secrets: readonly TaskSecret[];
}

export type Step = CmdStep | BuildStep | PushStep;

export interface StepBase {
  readonly id: string;
  /** The ids of the steps whose end it waits for (`when`, or the step written before it). */
  readonly dependsOn: readonly string[];
  /** It runs only when one of the steps it waits for exited with one of these codes. */
  readonly exitedWith: readonly number[];
  /** It runs only when none of the steps it waits for exited with one of these codes. */
  readonly exitedWithout: readonly number[];
  /** `K=V`; the step's own after the task's. */
  readonly environment: readonly string[];
  /** As it was written; below `/workspace` unless absolute. */
  readonly workingDirectory?: string;
  readonly timeoutSeconds: number;
  readonly startDelaySeconds: number;
  /** How many more times a failing step is tried. */
  readonly retries: number;
  readonly retryDelaySeconds: number;
  /** With any, only an output that has one of these texts in it is tried again. */
  readonly retryOnErrors: readonly string[];
  /** How many more times it runs after success. */
  readonly repeat: number;
  readonly areErrorsIgnored: boolean;
  /** Its container stays until the run ends. */
  readonly isKept: boolean;
  /** The network's name as the task gives it, `acb_default_network` by default. */
  readonly network: string;
}

export interface CmdStep extends StepBase {
  readonly kind: 'cmd';
  /** The image as it was written, image aliases resolved. */
  readonly image: string;
  /** The words after the image. */
  readonly arguments: readonly string[];
  readonly entryPoint?: string;
  readonly user?: string;
  /** `host:container/protocol`, as `docker run --publish` takes it. */
  readonly ports: readonly string[];
  readonly expose: readonly string[];
  readonly isDetached: boolean;
  readonly isPrivileged: boolean;
  /** The image's own working directory is kept. */
  readonly isWorkingDirectoryKept: boolean;
  readonly isPulled: boolean;
  /** How often a failing download of the image is tried again. */
  readonly downloadRetries: number;
  readonly downloadRetryDelaySeconds: number;
  readonly cpus?: number;
  readonly isolation?: string;
  readonly volumeMounts: readonly VolumeMount[];
}

export interface BuildStep extends StepBase {
  readonly kind: 'build';
  readonly command: BuildCommand;
  /** Whether its cache is kept in the registry. */
  readonly isCacheEnabled: boolean;
  readonly cpus?: number;
  readonly isPulled: boolean;
  readonly volumeMounts: readonly VolumeMount[];
}

export interface PushStep extends StepBase {
  readonly kind: 'push';
  /** Each once, with tag. */
  readonly images: readonly string[];
}

/** What a `docker build` command line says. */
export interface BuildCommand {
  /**
   * A path in the workspace, relative to the step's working directory; or a git URL, the URL of a tar archive,
   * or `oci://registry/repository:tag`.
   */
  readonly context: string;
  /** Relative to the context, and outside it with `../`; absent: `Dockerfile`. */
  readonly dockerfile?: string;
  readonly tags: readonly string[];
  /** Without a value it has that of the step's environment. Those of a Docker step may be secret. */
  readonly buildArguments: readonly { readonly name: string; readonly value?: string | Secret }[];
  readonly target?: string;
  /** `linux/arm64/v8` */
  readonly platform?: string;
  readonly isCacheIgnored: boolean;
  /** `--pull` */
  readonly isPulled: boolean;
  /** `--secret id=…,src=…` or `env=…`; a source is a path in the workspace, relative to the working directory. */
  readonly secrets: readonly { readonly id: string; readonly source?: string; readonly variable?: string }[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly labels: readonly string[];
  readonly addHosts: readonly string[];
  /** `--network`: `host`, `none` or `default`. */
  readonly network?: string;
  /**
   * Flags that the engine is given as they are, each in one word, such as `--ulimit=nofile=1024`. The path of a
   * `--build-context=name=path` is in the workspace, relative to the context.
   */
  readonly otherFlags: readonly string[];
}

export interface TaskNetwork {
  readonly name: string;
  readonly driver: string;
  readonly hasIpv6: boolean;
  readonly isCreationSkipped: boolean;
}

export interface TaskVolume {
  readonly name: string;
  /** One file for each; the content in base64. */
  readonly secret: Readonly<Record<string, string>>;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
}

export interface TaskSecret {
  readonly id: string;
  /** URL of a secret in a vault. */
  readonly keyvault: string;
  /** The identity that reads it. */
  readonly clientId?: string;
}

/** The network that steps join unless they name another. */
export const defaultNetworkName = 'acb_default_network';
