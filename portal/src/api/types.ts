/** What the API answers, as far as the portal shows it. Times are ISO 8601 in UTC. */

export interface Page<T> {
  readonly value: readonly T[];
  readonly nextLink?: string;
}

export interface Resource<P> {
  readonly id: string;
  readonly name: string;
  readonly properties: P;
}

export type Registry = Resource<{ readonly loginServer: string }> & { readonly location: string };

export interface Image {
  readonly registry?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
}

export interface SourceTriggerDescriptor {
  readonly eventType?: string;
  readonly commitId?: string;
  readonly pullRequestId?: string;
  readonly repositoryUrl?: string;
  readonly branchName?: string;
  readonly providerType?: string;
}

/** What started a run by itself, or may start one; none of them when somebody asked for it. */
export interface Cause {
  readonly timerTrigger?: { readonly timerTriggerName?: string; readonly scheduleOccurrence?: string };
  readonly sourceTrigger?: SourceTriggerDescriptor;
  readonly imageUpdateTrigger?: { readonly timestamp?: string; readonly images?: readonly Image[] };
}

export const runStatuses = [
  'Queued',
  'Started',
  'Running',
  'Succeeded',
  'Failed',
  'Canceled',
  'Error',
  'Timeout',
] as const;
export type RunStatus = (typeof runStatuses)[number];

export function isEnded(status: RunStatus): boolean {
  return status !== 'Queued' && status !== 'Started' && status !== 'Running';
}

export interface RunProperties extends Cause {
  readonly runId: string;
  readonly status: RunStatus;
  readonly runType?: 'QuickBuild' | 'QuickRun' | 'AutoBuild' | 'AutoRun';
  readonly createTime?: string;
  readonly startTime?: string;
  readonly finishTime?: string;
  readonly task?: string;
  readonly agentPoolName?: string;
  readonly platform?: { readonly os: string; readonly architecture?: string; readonly variant?: string };
  readonly outputImages?: readonly Image[];
  readonly runErrorMessage?: string;
  readonly isArchiveEnabled?: boolean;
}
export type Run = Resource<RunProperties>;

export type StepStatus = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Skipped' | 'Canceled' | 'Timeout';

export type RunStep = Resource<{
  readonly stepId: string;
  readonly kind: string;
  readonly status: StepStatus;
  readonly dependsOn: readonly string[];
  readonly attempts: number;
  readonly startTime?: string;
  readonly finishTime?: string;
  readonly exitCode?: number;
  readonly errorMessage?: string;
  readonly isErrorIgnored?: boolean;
}>;

type Switch = 'Enabled' | 'Disabled';

export interface TimerTrigger {
  readonly name: string;
  readonly schedule: string;
  readonly status: Switch;
}

export interface SourceTrigger {
  readonly name: string;
  readonly status: Switch;
  readonly sourceTriggerEvents: readonly string[];
  readonly sourceRepository: {
    readonly sourceControlType: string;
    readonly repositoryUrl: string;
    readonly branch?: string;
  };
}

export interface TaskStep {
  readonly type: 'Docker' | 'FileTask' | 'EncodedTask';
  readonly contextPath?: string;
  readonly dockerFilePath?: string;
  readonly target?: string;
  readonly imageNames?: readonly string[];
  readonly isPushEnabled?: boolean;
  readonly taskFilePath?: string;
  readonly valuesFilePath?: string;
  readonly encodedTaskContent?: string;
  readonly baseImageDependencies?: readonly (Image & { readonly type?: string })[];
}

export interface TaskProperties {
  readonly creationDate?: string;
  readonly status: Switch;
  readonly platform?: RunProperties['platform'];
  readonly agentPoolName?: string;
  readonly timeout?: number;
  readonly isSystemTask?: boolean;
  readonly step?: TaskStep;
  readonly trigger?: {
    readonly timerTriggers?: readonly TimerTrigger[];
    readonly sourceTriggers?: readonly SourceTrigger[];
    readonly baseImageTrigger?: {
      readonly name: string;
      readonly baseImageTriggerType: string;
      readonly status: Switch;
    };
  };
}
export type Task = Resource<TaskProperties>;

export interface Webhook {
  readonly triggerName: string;
  readonly providerType: string;
  readonly repositoryUrl: string;
  readonly url: string;
  readonly secret: string;
  readonly registration: 'Manual' | 'Pending' | 'Registered' | 'Failed';
  readonly registrationError?: string;
  readonly commitStatusError?: string;
}

export type Delivery = Resource<
  Cause & {
    readonly task: string;
    readonly triggerName: string;
    readonly status: 'Pending' | 'Started' | 'Ignored' | 'Failed';
    readonly reason?: string;
    readonly runId?: string;
    readonly tries: number;
    readonly receivedTime: string;
    readonly decidedTime?: string;
    readonly nextTryTime?: string;
    readonly redeliveryOf?: string;
  }
>;

/** A task that stands on an image. */
export interface Dependent {
  readonly task: string;
  readonly type: 'RunTime' | 'BuildTime';
  /** What it was built from, when that is known. */
  readonly digest?: string;
}

export interface BaseImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly dependents: readonly Dependent[];
  /** Whether its registry runs here. */
  readonly isHosted: boolean;
  /** Of an image of another registry; 0 is only when it tells. */
  readonly checkIntervalSeconds?: number;
  readonly checkedTime?: string;
  readonly nextCheckTime?: string;
  readonly error?: string;
}

export type AgentPool = Resource<{
  readonly count: number;
  readonly tier: string;
  readonly os: string;
  readonly provisioningState: string;
}>;

export interface Agent {
  readonly name: string;
  readonly runId?: string;
  readonly lastSeenTime: string;
}
