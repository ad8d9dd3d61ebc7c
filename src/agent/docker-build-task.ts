import { Secret } from '../model/index.ts';
import type { DockerBuildWork } from '../protocol/index.ts';
import type { BuildStep, PushStep, Task } from '../taskfile/index.ts';

/** A docker build as the task that it is: a build, and a push of its images unless that is turned off. */
export function dockerBuildTask(work: DockerBuildWork, timeoutSeconds: number): Task {
  const shared = {
    ...{ exitedWith: [], exitedWithout: [], environment: [], timeoutSeconds, startDelaySeconds: 0 },
    ...{ retries: 0, retryDelaySeconds: 0, retryOnErrors: [], repeat: 0 },
    ...{ areErrorsIgnored: false, isKept: false, network: '' },
  };
  const build: BuildStep = {
    ...shared,
    ...{
      id: 'build',
      kind: 'build',
      dependsOn: [],
      isCacheEnabled: false,
      isPulled: false,
      volumeMounts: [],
    },
    command: {
      context: '.',
      dockerfile: work.dockerFilePath,
      tags: [...new Set(work.images)],
      buildArguments: work.arguments.map(({ name, value, isSecret }) => ({
        name,
        value: isSecret ? new Secret(value) : value,
      })),
      ...(work.target !== undefined && { target: work.target }),
      isCacheIgnored: work.noCache,
      isPulled: false,
      ...{ secrets: [], cacheFrom: [], cacheTo: [], labels: [], addHosts: [], otherFlags: [] },
    },
  };
  const push: PushStep = { ...shared, id: 'push', kind: 'push', dependsOn: ['build'], images: work.images };
  const steps = work.isPushEnabled && work.images.length > 0 ? [build, push] : [build];
  return { version: 'v1.1.0', steps, networks: [], volumes: [], secrets: [] };
}
