import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { statusOf } from './docker-error.ts';

const tries = 50;
const betweenTriesMs = 100;

/** Kills and removes a container with its anonymous volumes; one that is gone, or just going, is as good. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await untilGone(() => docker.getContainer(id).remove({ force: true, v: true }));
}

/** Removes a network; what is still connected to it is disconnected. */
export async function removeNetwork(docker: Docker, id: string): Promise<void> {
  const network = docker.getNetwork(id);
  await untilGone(async () => {
    const { Containers: connected } = await network.inspect();
    for (const container of Object.keys(connected ?? {})) {
      await network.disconnect({ Container: container, Force: true }).catch(() => {}); // it has just left
    }
    await network.remove();
  });
}

/** Removes a volume as soon as nothing uses it. */
export async function removeVolume(docker: Docker, name: string): Promise<void> {
  await untilGone(() => docker.getVolume(name).remove());
}

/** Asks again while the thing is busy (403, 409), or the engine stumbled over two who removed it (500). */
async function untilGone(remove: () => Promise<unknown>): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await remove();
      return;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return;
      const isBusy = status === 403 || status === 409 || status === 500;
      if (!isBusy || tried === tries) throw error;
    }
    await delay(betweenTriesMs);
  }
}
