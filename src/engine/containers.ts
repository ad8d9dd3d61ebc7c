import type { OnOutput } from './child.ts';
import type { PullOptions } from './images.ts';
import type { BuildLimits } from './limits.ts';
import type { NetworkOptions } from './networks.ts';

/** What the engine calls a thing, and whose it is: every thing of a run carries its labels. */
export interface EngineThing {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A directory of this machine, or a volume of the engine, in a container. */
export type Mount = { readonly target: string; readonly isReadOnly?: boolean } & (
  { readonly directory: string } | { readonly volume: string }
);

export interface ContainerOptions extends EngineThing {
  /** The id of an image that the engine holds, or a name of it. */
  readonly image: string;
  /** What follows the image on a `docker run` line; none: the image's own. */
  readonly command: readonly string[];
  readonly entryPoint?: string;
  /** `K=V` */
  readonly environment: readonly string[];
  readonly user?: string;
  /** Default: the image's own. */
  readonly workingDirectory?: string;
  /** The engine's name of a network, `host` or `none`. */
  readonly network: string;
  /** Under which others in the network reach it. */
  readonly networkAliases: readonly string[];
  readonly mounts: readonly Mount[];
  /** As `docker run --publish` takes them. */
  readonly ports: readonly string[];
  readonly expose: readonly string[];
  readonly isPrivileged: boolean;
  readonly isolation?: string;
  /** At most so many CPUs for this container. */
  readonly cpus?: number;
  /** What the run may take of the machine. */
  readonly limits?: BuildLimits;
}

export interface ContainerEnd {
  readonly exitCode: number;
  readonly isOutOfMemory: boolean;
}

/** What steps need of an engine besides builds and pushes. */
export interface Containers {
  /**
   * Runs a container to its end and hands on what it prints; a promise of `onOutput` makes it wait. When the
   * signal aborts it is killed, and the call rejects with the signal's reason once it is gone.
   * @returns its exit code, and whether the kernel killed it for want of memory. It is removed unless `isKept`.
   * @throws ContainerFailed (400) when it cannot be started, with what the engine says and the exit code of docker
   *   run; ServiceError 503 `EngineUnavailable` when the engine went away meanwhile.
   */
  runContainer(
    options: ContainerOptions & {
      readonly isKept: boolean;
      readonly onOutput: OnOutput;
      readonly signal: AbortSignal;
    },
  ): Promise<ContainerEnd>;
  /** Starts a container that others talk to, and hands on what it prints until it ends; `end` kills and removes it. */
  startContainer(
    options: ContainerOptions & { readonly onOutput: OnOutput; readonly signal: AbortSignal },
  ): Promise<{ end(): Promise<void> }>;
  /** The id of an image that the engine holds under a name. */
  findImage(reference: string): Promise<string | undefined>;
  /** Pulls an image. @returns its id. @throws ServiceError 400 `PullFailed` with the registry's reason. */
  pull(options: PullOptions): Promise<string>;
  /** @throws ServiceError 400 `NetworkFailed` */
  createNetwork(options: NetworkOptions): Promise<void>;
  /** Removes every container, network and volume that carries the label, and nothing else. */
  removeLabelled(label: string, value: string): Promise<void>;
  /** Empties a directory of this machine in which containers made files, whoever owns them. */
  emptyDirectory(directory: string): Promise<void>;
}
