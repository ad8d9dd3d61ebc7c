import { baseImageDependenciesOf, imageTagOf, type Run } from '../../model/index.ts';
import {
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
  const made = run.outputImages.flatMap((image) => {
    const tagged = imageTagOf(image);
    return tagged ? [{ image: tagged, digest: image.digest }] : [];
  });
  if (taskName !== undefined && run.status === 'Succeeded') {
    const found = baseImageDependenciesOf(run.dependencies);
    if (await setBaseImageDependencies(trx, registryId, taskName, found)) {
      const bases = found.flatMap(({ type, digest, ...image }) => {
        const tagged = imageTagOf(image);
        return tagged ? [{ ...tagged, type, ...(digest !== undefined && { digest }) }] : [];
      });
      await setTaskBaseImages(trx, registryId, taskName, bases, runKey);
      const outputs = made.map(({ image }) => image);
      await setTaskOutputImages(trx, registryId, taskName, outputs);
      await watchImages(trx, inOneOrder(bases), now);
    }
  }
  for (const { image, digest } of made) {
    await recordPush(trx, { image, digest, runKey, now, settleMs, longestSettleMs });
  }
}

/** So that two runs that end at once do not wait for each other's rows. */
function inOneOrder<I extends { registry: string; repository: string; tag: string }>(images: I[]): I[] {
  const key = ({ registry, repository, tag }: I): string => `${registry}/${repository}:${tag}`;
  return images.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
