import { Readable } from 'node:stream';
import { logCompletion } from '../../model/index.ts';
import {
  findRun,
  findUnsealedLogs,
  freeLogSpace,
  isLogSealed,
  markLogSealed,
  readLogChunks,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { logStateOf, type RunLogState } from './read.ts';

const container = 'logs';
const blobName = /^([0-9a-f-]{36})\/([a-z0-9]+)\/rawtext\.log$/;

async function runOf(deps: ControlDeps, blob: string) {
  const [, registryId, runId] = blobName.exec(blob) ?? [];
  return registryId && runId ? findRun(deps.store.db, registryId, runId) : undefined;
}

/** State of the log with that blob name; undefined while there is none. */
export async function headLog(deps: ControlDeps, blob: string): Promise<RunLogState | undefined> {
  const run = await runOf(deps, blob);
  if (!run || (run.logSizeBytes === 0 && logCompletion(run.status) === undefined)) return undefined;
  return logStateOf(run);
}

/** Bytes `start` to `end` (inclusive) of a log, from its chunks or, once it is sealed, from its blob. */
export async function* readLog(
  deps: ControlDeps,
  blob: string,
  start: number,
  end: number,
): AsyncIterable<Uint8Array> {
  const run = await runOf(deps, blob);
  if (!run) return;
  let position = start;
  while (position <= end) {
    const chunks = await readLogChunks(deps.store.db, run.runKey, position, end + 1, 8);
    if (chunks.length === 0) {
      if (!(await isLogSealed(deps.store.db, run.runKey))) return;
      yield* await deps.blobs.openRead(container, sealedName(run.runKey), { start: position, end });
      return;
    }
    for (const { startByte, bytes } of chunks) {
      if (startByte > position) break; // its predecessor was just sealed away: read on from the blob
      const piece = bytes.subarray(position - startByte, end + 1 - startByte);
      if (piece.length === 0) continue;
      position += piece.length;
      yield piece;
    }
  }
}

/** Resolves when the log is longer than `knownBytes` or complete, or when the signal aborts. */
export async function waitForLog(
  deps: ControlDeps,
  blob: string,
  knownBytes: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const run = await runOf(deps, blob);
    if (!run) return;
    const listening = new AbortController();
    const woken = deps.store.notifier.wait('log', run.runKey, {
      timeoutMs: 30_000,
      signal: AbortSignal.any([signal, listening.signal]),
    });
    const state = await headLog(deps, blob);
    if (state && (state.sizeBytes > knownBytes || state.complete !== undefined)) {
      listening.abort();
      return;
    }
    await woken;
  }
}

/** All of a sealed log. */
export function readSealedLog(deps: ControlDeps, runKey: number): Promise<AsyncIterable<Uint8Array>> {
  return deps.blobs.openRead(container, sealedName(runKey));
}

function sealedName(runKey: number): string {
  return `sealed/${runKey}.log`;
}

/** Moves the logs of ended runs from their chunks into one blob each. Answers how many it moved. */
export async function sealLogs(deps: ControlDeps): Promise<number> {
  const unsealed = await findUnsealedLogs(deps.store.db, 20);
  for (const { runKey, sizeBytes } of unsealed) {
    const body = Readable.from(chunksOf(deps, runKey, sizeBytes));
    await deps.blobs.put(container, sealedName(runKey), body, { maxBytes: sizeBytes });
    const isKept = await deps.store.db.transaction().execute((trx) => markLogSealed(trx, runKey));
    if (!isKept) await deps.blobs.remove(container, sealedName(runKey)); // its registry was deleted meanwhile
  }
  if (unsealed.length > 0) await freeLogSpace(deps.store);
  return unsealed.length;
}

async function* chunksOf(deps: ControlDeps, runKey: number, sizeBytes: number): AsyncIterable<Uint8Array> {
  let position = 0;
  while (position < sizeBytes) {
    const chunks = await readLogChunks(deps.store.db, runKey, position, sizeBytes, 8);
    if (chunks.length === 0) throw new Error(`the log of run ${runKey} has a gap at byte ${position}`);
    for (const { bytes } of chunks) {
      position += bytes.length;
      yield bytes;
    }
  }
}
