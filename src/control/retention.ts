import {
  deleteRunsEndedBefore,
  deleteUnusedUploads,
  findRemovedBlobs,
  forgetRemovedBlob,
} from '../store/index.ts';
import type { ControlDeps } from './deps.ts';

const dayMs = 24 * 3600 * 1000;
const batch = 200;

/** Longer than the URL of an upload is good for, so that no archive comes after its place was freed. */
const unusedUploadMs = dayMs;

/**
 * Forgets what nobody needs any more: runs that ended longer ago than the retention, unless they are
 * archived, with logs and sources, and uploads that no run ever used. Rows go first and condemn their
 * blobs in the same statement; `removeBlobs` follows. Any number of servers may do so at once.
 */
export async function purgeRuns(deps: ControlDeps): Promise<void> {
  const { db } = deps.store;
  const now = deps.now().getTime();
  const { retentionDays } = deps.config;
  const oldest = new Date(now - retentionDays * dayMs);
  if (retentionDays > 0) {
    let purged = 0;
    for (let count = batch; count === batch; purged += count) {
      count = await deleteRunsEndedBefore(db, oldest, batch);
    }
    if (purged > 0) deps.log.info({ runs: purged, retentionDays }, 'old runs were purged');
  }
  const unused = new Date(now - unusedUploadMs);
  while ((await deleteUnusedUploads(db, unused, batch)) === batch);
}

/** Removes the blobs of rows that are gone. A kill in the middle leaves the rest to the next time. */
export async function removeBlobs(deps: ControlDeps): Promise<void> {
  for (;;) {
    const removed = await findRemovedBlobs(deps.store.db, batch);
    for (const place of removed) {
      await deps.blobs.remove(place.container, place.blob);
      await forgetRemovedBlob(deps.store.db, place);
    }
    if (removed.length < batch) return;
  }
}
