import { messageOf, type ImageTag } from '../../model/index.ts';
import { RegistryBusy } from '../../registry/index.ts';
import {
  checkOwnImagesNow,
  findDependents,
  findRegistryByLoginServer,
  restMs,
  restRegistry,
  settleImage,
  takeImages,
  type Dependent,
  type WatchedImage,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { deliverImage, imageTriggerOf } from './deliver.ts';
import { readForeignDigest } from './foreign.ts';

type Whose = Parameters<typeof takeImages>[1];

/** An image is this server's for so long; after a kill in the middle another one looks at it. */
const takenSeconds = 60;
const batch = 10;
/** Registries of ours tell of pushes, unless they are killed before they could. */
const ownEverySeconds = 30;
const longestPauseSeconds = 6 * 3600;
const longestOwnPauseSeconds = 60;

/** After a start: what was pushed while no server was up. */
export async function catchUpOnImages(deps: ControlDeps): Promise<void> {
  if (deps.registries.isHosting) await checkOwnImagesNow(deps.store.db, deps.now());
}

/**
 * Looks at the images that are due: those of the registries that run here, or those of all other registries.
 * @returns how many there were.
 */
export async function checkImages(deps: ControlDeps, whose: Whose): Promise<number> {
  const isOff = whose === 'own' ? !deps.registries.isHosting : deps.config.baseImageCheckSeconds === 0;
  if (isOff) return 0;
  const now = deps.now();
  const until = new Date(now.getTime() + takenSeconds * 1000);
  const images = await takeImages(deps.store.db, whose, now, until, batch);
  await Promise.all(images.map((image) => check(deps, whose, image)));
  return images.length;
}

async function check(deps: ControlDeps, whose: Whose, image: WatchedImage): Promise<void> {
  const { db } = deps.store;
  const everySeconds = whose === 'own' ? ownEverySeconds : deps.config.baseImageCheckSeconds;
  try {
    const dependents = await findDependents(db, image);
    const isAsked = dependents.some((each) => imageTriggerOf(each));
    const digest = isAsked ? await readDigest(deps, whose, image, dependents) : undefined;
    const pauseMs = dependents.length === 0 ? restMs : spread(everySeconds) * 1000;
    await db.transaction().execute(async (trx) => {
      const checkAt = new Date(deps.now().getTime() + pauseMs);
      // A push that came meanwhile is looked at when it has settled: what was read may be old by then.
      if (!(await settleImage(trx, image, { checkAt, failures: 0 }))) return;
      if (digest !== undefined) await deliverImage(deps, trx, image, digest, dependents);
    });
  } catch (error) {
    const { registry, repository, tag, failures } = image;
    const longest = whose === 'own' ? longestOwnPauseSeconds : longestPauseSeconds;
    const pauseSeconds = Math.min(longest, spread(everySeconds) * 2 ** Math.min(failures, 20));
    const checkAt = new Date(deps.now().getTime() + pauseSeconds * 1000);
    await settleImage(db, image, { checkAt, failures: failures + 1 });
    if (error instanceof RegistryBusy) await restRegistry(db, registry, error.until);
    deps.log.warn(
      { registry, repository, tag, reason: messageOf(error) },
      'a base image cannot be looked at',
    );
  }
}

async function readDigest(
  deps: ControlDeps,
  whose: Whose,
  image: ImageTag,
  dependents: readonly Dependent[],
): Promise<string | undefined> {
  if (whose === 'others') return readForeignDigest(deps, image, dependents);
  const registry = await findRegistryByLoginServer(deps.store.db, image.registry);
  return registry && deps.registries.resolveTag(registry, image.repository, image.tag);
}

/** So that images do not stay in step. */
function spread(seconds: number): number {
  return seconds * (0.9 + Math.random() * 0.2);
}
