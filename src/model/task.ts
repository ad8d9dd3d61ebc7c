import type { ImageDescriptor } from './image.ts';
import type { RunDependencies } from './run.ts';

/** An image that a task's images stand on. */
export interface BaseImageDependency extends ImageDescriptor {
  readonly type: 'BuildTime' | 'RunTime';
}

/** Each image that a run's images stand on, once. */
export function baseImageDependenciesOf(dependencies: readonly RunDependencies[]): BaseImageDependency[] {
  const all = dependencies.flatMap(({ runtime, buildtime }) => [
    ...(runtime ? [{ type: 'RunTime' as const, ...runtime }] : []),
    ...buildtime.map((image) => ({ type: 'BuildTime' as const, ...image })),
  ]);
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** As whom a task's runs act. */
export interface TaskIdentity {
  readonly type: 'SystemAssigned' | 'UserAssigned' | 'SystemAssigned, UserAssigned';
  /** Of the system-assigned identity. */
  readonly principalId?: string;
  /** Resource IDs of the user-assigned identities. */
  readonly userAssignedIdentities: readonly string[];
}
