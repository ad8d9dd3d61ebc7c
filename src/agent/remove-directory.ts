import { rm } from 'node:fs/promises';
import type { Engine } from '../engine/index.ts';

/** Removes a directory in which containers may have made files that belong to other users. */
export async function removeDirectory(engine: Engine, directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch {
    await engine.emptyDirectory(directory);
    await rm(directory, { recursive: true, force: true });
  }
}
