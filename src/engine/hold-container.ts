import type Docker from 'dockerode';
import type { ContainerLimits } from './container-config.ts';
import { belowMachine, type BuildLimits } from './limits.ts';
import type { RunGroups } from './run-groups.ts';

export interface HeldContainer {
  readonly limits: ContainerLimits;
  release(): Promise<void>;
}

/**
 * What holds a container to the limits of its run: the run's group where the engine can put containers
 * into one, else limits of the container's own.
 */
export async function holdContainer(
  docker: Docker,
  groups: RunGroups,
  limits: BuildLimits | undefined,
): Promise<HeldContainer> {
  const wanted = limits && belowMachine(limits);
  if (!wanted) return { limits: {}, release: async () => {} };
  const { CgroupDriver: driver } = (await docker.info()) as { CgroupDriver?: string };
  // systemd knows groups as slices, which are not made here
  const held = driver === 'cgroupfs' ? await groups.hold({ ...limits, onUnlimited: () => {} }) : undefined;
  if (!held) return { limits: wanted, release: async () => {} };
  return { limits: { cgroupParent: held.group.path }, release: () => held.release() };
}
