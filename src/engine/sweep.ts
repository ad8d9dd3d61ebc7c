import { readdir, readFile } from 'node:fs/promises';
import type Docker from 'dockerode';

/** Says on the engine whose a thing is. */
export const instanceLabel = 'slipway.instance';

/** Removes what an agent that was killed left on the engine; things without its label are not touched. */
export async function sweep(docker: Docker, instanceId: string): Promise<void> {
  const filters = { label: [`${instanceLabel}=${instanceId}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name } of Volumes) await docker.getVolume(Name).remove();
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
