import { readdir, readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { removeContainer, removeNetwork, removeVolume } from './removal.ts';

/** Says on the engine whose a thing is. */
export const instanceLabel = 'slipway.instance';

/** Removes every container, network and volume that carries the label; things without it are not touched. */
export async function removeLabelled(docker: Docker, label: string, value: string): Promise<void> {
  const filters = { label: [`${label}=${value}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => removeContainer(docker, Id)));
  const [networks, { Volumes: volumes }] = await Promise.all([
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  await Promise.all([
    ...networks.map(({ Id }) => removeNetwork(docker, Id)),
    ...(volumes ?? []).map(({ Name }) => removeVolume(docker, Name)),
  ]);
}

/**
 * Kills the docker clients that an agent which was killed left building or pushing: those whose
 * configuration (`DOCKER_CONFIG`) lies below its directory. Where there is no /proc, none is found.
 */
export async function endClients(directory: string): Promise<void> {
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''); // gone, or not ours
    const isTheirs = environment.split('\0').some((each) => each.startsWith(`DOCKER_CONFIG=${directory}/`));
    if (!isTheirs) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
}
