import type { Platform } from './platform.ts';
import type { Secret } from './secret.ts';

export const timeoutLimits = { minimumSeconds: 300, maximumSeconds: 28_800, defaultSeconds: 3600 } as const;
export const defaultCpu = 2;

/** A build argument; a secret one is sealed at rest, masked in logs and never answered. */
export interface Argument {
  readonly name: string;
  readonly value: string | Secret;
}

export const loginModes = ['None', 'Default'] as const;
export type LoginMode = (typeof loginModes)[number];

/** A registry to log in to besides the run's own; values are `Opaque` (the value itself). */
export interface CustomRegistryCredential {
  readonly registry: string;
  readonly userName: string;
  readonly password: Secret;
}

export interface RunCredentials {
  readonly loginMode: LoginMode;
  readonly customRegistries: readonly CustomRegistryCredential[];
}

/** What every run request says besides its own members. */
export interface RunRequestBase {
  readonly platform: Platform;
  readonly timeoutSeconds: number;
  readonly cpu: number;
  readonly isArchiveEnabled: boolean;
  readonly agentPoolName?: string;
  readonly logTemplate?: string;
  /** A path that the upload URL operation gave, a git URL with `#ref:folder`, or a tarball's URL. */
  readonly sourceLocation?: string;
  readonly credentials: RunCredentials;
}

/** Registries_ScheduleRun with `DockerBuildRequest`: one build, then a push of its images. */
export interface DockerBuildRequest extends RunRequestBase {
  readonly type: 'DockerBuildRequest';
  readonly imageNames: readonly string[];
  readonly isPushEnabled: boolean;
  readonly noCache: boolean;
  readonly dockerFilePath: string;
  readonly target?: string;
  readonly arguments: readonly Argument[];
}

export type RunRequest = DockerBuildRequest;
