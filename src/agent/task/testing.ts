import type { CmdStep } from '../../taskfile/index.ts';

/** A cmd step for tests, with the defaults of the language. */
export function cmdStep(id: string, members: Partial<CmdStep> = {}): CmdStep {
  return {
    ...{ id, kind: 'cmd', image: 'image', arguments: [], dependsOn: [], exitedWith: [], exitedWithout: [] },
    ...{ environment: [], timeoutSeconds: 600, startDelaySeconds: 0, retries: 0, retryDelaySeconds: 5 },
    ...{
      retryOnErrors: [],
      repeat: 0,
      areErrorsIgnored: false,
      isKept: false,
      network: 'acb_default_network',
    },
    ...{ ports: [], expose: [], isDetached: false, isPrivileged: false, isWorkingDirectoryKept: false },
    ...{ isPulled: false, downloadRetries: 0, downloadRetryDelaySeconds: 5, volumeMounts: [] },
    ...members,
  };
}
