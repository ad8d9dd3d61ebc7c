import { baseImageDependenciesOf, imageTagOf, type ImageTag, type Run } from '../../model/index.ts';
import { isLoopbackRegistry } from '../../registry/index.ts';
import {
  findLoginServer,
  lockImages,
  recordPush,
  setBaseImageDependencies,
  setTaskBaseImages,
  setTaskOutputImages,
  watchImages,
} from '../../store/index.ts';
import { longestSettleMs, settleMs } from './settle.ts';

/**
 * Remembers what a run made and what it was made from, in the transaction that ends it: images that its task
 * stands on are looked after from then on, and images that it pushed count as pushed, also when the registry
 * does not say so.
 */
export async function rememberImages(
  trx: Parameters<typeof setTaskBaseImages>[0],
  run: Run,
  now: Date,
): Promise<void> {
  const { registryId, taskName, runKey } = run;
  const hosted = await findHostedRegistries(trx, run);
  const made = run.outputImages.flatMap((image) => {
    const tagged = imageTagOf(image);
    return tagged ? [{ image: inHosted(hosted, tagged), digest: image.digest }] : [];
  });
  const found = baseImageDependenciesOf(run.dependencies);
  const bases = found.flatMap(({ type, digest, ...image }) => {
    const tagged = imageTagOf(image);
    return tagged ? [{ ...inHosted(hosted, tagged), type, ...(digest !== undefined && { digest }) }] : [];
  });
  const outputs = made.map(({ image }) => image);
  await lockImages(trx, [...bases, ...outputs]);
  if (taskName !== undefined && run.status === 'Succeeded') {
    if (await setBaseImageDependencies(trx, registryId, taskName, found)) {
      await setTaskBaseImages(trx, registryId, taskName, bases, runKey);
      await setTaskOutputImages(trx, registryId, taskName, outputs);
      await watchImages(trx, inOneOrder(bases), now);
    }
  }
  for (const { image, digest } of made) {
    await recordPush(trx, { image, digest, runKey, now, settleMs, longestSettleMs });
  }
}

/** The registries that run here, by each name that a run's images have for them: `127.0.0.1:5001`. */
async function findHostedRegistries(
  trx: Parameters<typeof setTaskBaseImages>[0],
  { dependencies, outputImages }: Run,
): Promise<Map<string, string>> {
  const images = [...outputImages, ...baseImageDependenciesOf(dependencies)];
  const names = new Set(images.flatMap(({ registry }) => (registry === undefined ? [] : [registry])));
  const hosted = new Map<string, string>();
  for (const name of names) {
    const found = await findLoginServer(trx, isLoopbackRegistry(name) ? loopbackNames(name) : [name]);
    if (found !== undefined) hosted.set(name, found);
  }
  return hosted;
}

/** All names of a registry on loopback: they differ in the host only. */
function loopbackNames(name: string): string[] {
  const port = /:\d+$/.exec(name)?.[0] ?? '';
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}${port}`);
}

/** The image under the one name that its registry has here. */
function inHosted(hosted: ReadonlyMap<string, string>, image: ImageTag): ImageTag {
  return { ...image, registry: hosted.get(image.registry) ?? image.registry.toLowerCase() };
}

/** So that two runs that end at once do not wait for each other's rows. */
function inOneOrder<I extends { registry: string; repository: string; tag: string }>(images: I[]): I[] {
  const key = ({ registry, repository, tag }: I): string => `${registry}/${repository}:${tag}`;
  return images.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
