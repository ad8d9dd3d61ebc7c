import type { Registry } from '../../model/index.ts';
import { findBaseImages, type BaseImage } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

/** The images that the tasks of a registry stand on, by name, with when they are looked at and what is wrong. */
export function listBaseImages(deps: ControlDeps, { registryId }: Registry): Promise<BaseImage[]> {
  return findBaseImages(deps.store.db, registryId);
}
