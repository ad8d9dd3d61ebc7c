import type Docker from 'dockerode';
import { messageOf } from '../model/index.ts';
import { build } from './build.ts';
import { buildAbilities } from './docker-cli.ts';
import { removeName } from './images.ts';
import { push } from './push.ts';

/** Builds, and pushes an image that holds the cache under the cache's name. */
export async function buildWithCache(
  cli: { program: string; env: NodeJS.ProcessEnv },
  docker: Docker,
  options: Parameters<typeof build>[2],
): Promise<{ imageId: string }> {
  const { imageId, cachePushes } = await build(cli, await buildAbilities(cli.program, docker), options);
  const { dockerConfigDirectory, onOutput, signal } = options;
  for (const image of cachePushes) {
    try {
      await push(cli, docker, { image, imageId, dockerConfigDirectory, onOutput, signal });
    } catch (error) {
      signal.throwIfAborted();
      await onOutput(Buffer.from(`the cache is not kept: ${messageOf(error)}\n`));
    } finally {
      const { RepoTags: names } = await docker.getImage(imageId).inspect();
      if (names.length > 1) await removeName(docker, image, imageId); // with its last name an image goes
    }
  }
  return { imageId };
}
