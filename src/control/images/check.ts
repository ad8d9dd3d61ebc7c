import { messageOf } from '../../model/index.ts';
import { RegistryBusy, RegistryUnreachable } from '../../registry/index.ts';
import {
  checkOwnImagesNow,
  endRest,
  findDependents,
  findRegistryByLoginServer,
  restMs,
  restRegistry,
  settleImage,
  takeImages,
  type Dependent,
  type Rest,
  type WatchedImage,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { deliverImage, imageTriggerOf } from './deliver.ts';
import { readForeignDigest } from './foreign.ts';

type Whose = Parameters<typeof takeImages>[1];

/** An image is this server's for so long; after a kill in the middle another one looks at it. */
const takenSeconds = 60;
const batch = 10;
/** So much of it one check takes at most. */
const longestCheckMs = 25_000;
/** The registries that run here are looked at so often at least. */
const longestOwnSeconds = 30;
/** Others, where only pushes that they tell of count, are asked again so soon when that failed. */
const usualSeconds = 600;
/** A registry that has enough or does not answer is left alone for so long first. */
const usualRestSeconds = 60;
const longestPauseSeconds = 6 * 3600;
const longestOwnPauseSeconds = 60;

/** After a start: what was pushed while no server was up. */
export async function catchUpOnImages(deps: ControlDeps): Promise<void> {
  if (!deps.registries.isHosting) return;
  await deps.store.db.transaction().execute((trx) => checkOwnImagesNow(trx, deps.now()));
}

/**
 * Looks at the images that are due: those of the registries that run here, or those of all other registries. Of one
 * registry one image is looked at after the other, until it wants to be left alone.
 * @returns how many there were.
 */
export async function checkImages(deps: ControlDeps, whose: Whose): Promise<number> {
  if (whose === 'own' && !deps.registries.isHosting) return 0;
  const isOff = whose === 'others' && deps.config.baseImageCheckSeconds === 0;
  const now = deps.now();
  const until = new Date(now.getTime() + takenSeconds * 1000);
  const images = await takeImages(deps.store.db, whose, isOff ? 'pushed' : 'due', now, until, batch);
  const lastStart = until.getTime() - longestCheckMs;
  await Promise.all(
    [...Map.groupBy(images, ({ registry }) => registry).values()].map(async (some) => {
      for (const image of some) {
        // What is left is taken up when it is not this server's any more.
        if (deps.now().getTime() > lastStart || !(await check(deps, whose, image))) return;
      }
    }),
  );
  return images.length;
}

/** @returns whether the registry may be asked for more. */
async function check(deps: ControlDeps, whose: Whose, image: WatchedImage): Promise<boolean> {
  const { db } = deps.store;
  const every = everySeconds(deps, whose);
  try {
    const dependents = await findDependents(db, image);
    const isAsked = dependents.some((each) => imageTriggerOf(each));
    const digest = isAsked ? await readDigest(deps, whose, image, dependents) : undefined;
    const pauseMs = dependents.length === 0 ? restMs : spread(every) * 1000;
    await db.transaction().execute(async (trx) => {
      const checkedAt = deps.now();
      const checkAt = new Date(checkedAt.getTime() + pauseMs);
      if (isAsked && whose === 'others') await endRest(trx, image.registry);
      // A push that came meanwhile is looked at when it has settled: what was read may be old by then.
      if (!(await settleImage(trx, image, { checkedAt, checkAt }))) return;
      if (digest !== undefined) await deliverImage(deps, trx, image, digest, dependents);
    });
    return true;
  } catch (error) {
    return !(await noteFailure(deps, whose, image, error));
  }
}

/** Says what is wrong and when to look again. @returns whether it is wrong with the registry as a whole. */
async function noteFailure(
  deps: ControlDeps,
  whose: Whose,
  image: WatchedImage,
  error: unknown,
): Promise<boolean> {
  const { registry, repository, tag, failures } = image;
  const reason = messageOf(error);
  const now = deps.now();
  const every = everySeconds(deps, whose);
  const isOfRegistry = error instanceof RegistryBusy || error instanceof RegistryUnreachable;
  await deps.store.db.transaction().execute(async (trx) => {
    const longest = whose === 'own' ? longestOwnPauseSeconds : longestPauseSeconds;
    // What is wrong with all of a registry says nothing of the image.
    const pauseSeconds = Math.min(longest, spread(every) * (isOfRegistry ? 1 : 2 ** Math.min(failures, 20)));
    const ownTime = new Date(now.getTime() + pauseSeconds * 1000);
    const rested = isOfRegistry ? await restRegistry(trx, registry, restFor(error, every, now)) : ownTime;
    const checkAt = rested > ownTime ? rested : ownTime;
    await settleImage(trx, image, { checkedAt: now, checkAt, error: reason });
  });
  deps.log.warn({ registry, repository, tag, reason }, 'a base image cannot be looked at');
  return isOfRegistry;
}

/** As long as the registry asks for, or longer each time. */
function restFor(error: RegistryBusy | RegistryUnreachable, everySeconds: number, now: Date): Rest {
  if (error instanceof RegistryBusy && error.until) return { until: error.until };
  const fromSeconds = Math.min(usualRestSeconds, everySeconds);
  return { fromSeconds, toSeconds: longestPauseSeconds, now };
}

/** Registries of ours tell of pushes, unless they are killed before they could. */
function everySeconds({ config }: ControlDeps, whose: Whose): number {
  const others = config.baseImageCheckSeconds || usualSeconds;
  return whose === 'others' ? others : Math.min(longestOwnSeconds, others);
}

async function readDigest(
  deps: ControlDeps,
  whose: Whose,
  image: WatchedImage,
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
