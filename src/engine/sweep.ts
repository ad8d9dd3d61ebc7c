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
