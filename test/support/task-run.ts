import assert from 'node:assert/strict';
import type { Answer, ArmClient, WireRun } from './arm.ts';
import { archiveOf } from './archive.ts';
import { until } from './wait.ts';

export interface WireTaskRun {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity?: {
    readonly type: string;
    readonly principalId?: string;
    readonly tenantId?: string;
    readonly userAssignedIdentities?: Readonly<
      Record<string, { readonly principalId: string; readonly clientId: string }>
    >;
  };
  readonly systemData: { readonly createdAt: string; readonly lastModifiedAt: string };
  readonly properties: {
    readonly provisioningState: string;
    readonly runRequest: Readonly<Record<string, unknown>>;
    readonly runResult?: WireRun & { readonly properties: { readonly runType: string } };
    readonly forceUpdateTag?: string;
  };
}

/** The archive of a build without base image or network. */
export const tinyArchive = () =>
  archiveOf([{ name: 'Dockerfile', body: 'FROM scratch\nARG ROUND\nCOPY Dockerfile /\n' }]);

/** A request that builds `sourceLocation`. */
export function buildOf(sourceLocation: string, more: object = {}): object {
  return {
    type: 'DockerBuildRequest',
    imageNames: ['taskrun:latest'],
    isPushEnabled: false,
    dockerFilePath: 'Dockerfile',
    platform: { os: 'linux', architecture: 'amd64' },
    sourceLocation,
    credentials: {},
    ...more,
  };
}

/** The same for Windows: without such an agent its run stays queued. */
export function waitingBuildOf(sourceLocation: string, more: object = {}): object {
  return buildOf(sourceLocation, { platform: { os: 'windows', architecture: 'amd64' }, ...more });
}

/** Plain requests to the task runs of a registry. */
export function taskRunsOf(arm: ArmClient) {
  const at = (name: string): string => `${arm.registryPath}/taskRuns/${name}`;
  const body = (answer: Answer): WireTaskRun => {
    assert.ok(answer.status === 200 || answer.status === 201, JSON.stringify(answer.body));
    return answer.body as WireTaskRun;
  };
  return {
    at,
    body,
    put: (
      name: string,
      runRequest: object,
      { properties = {}, ...more }: Record<string, object | string> = {},
    ) => arm.call('PUT', at(name), { ...more, properties: { runRequest, ...(properties as object) } }),
    patch: (name: string, changes: object) => arm.call('PATCH', at(name), changes),
    get: async (name: string) => body(await arm.call('GET', at(name))),
    /** The operation that an answer of 201 names, once it has ended. */
    operation(begun: Answer) {
      assert.equal(begun.status, 201, JSON.stringify(begun.body));
      assert.match(String(begun.headers['retry-after']), /^\d+$/);
      const { pathname, search } = new URL(String(begun.headers['azure-asyncoperation']));
      return until(`${pathname} ends`, async () => {
        const found = (await arm.call('GET', pathname + search)).body as {
          status: string;
          error?: { code: string; message: string };
        };
        return found.status !== 'InProgress' && found;
      });
    },
  };
}

/** The id of the run that a task run began last. */
export function runIdOf({ properties }: WireTaskRun): string {
  return properties.runResult?.properties.runId ?? assert.fail(`no runResult: ${JSON.stringify(properties)}`);
}
