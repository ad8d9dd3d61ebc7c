import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { isRefusal } from './connection.ts';

/** Why a run is to be stopped from outside. */
export type StopReason = 'canceled' | 'timeout' | 'lost' | 'shutdown';

/** An abort reason that says why. */
export class Stopped extends Error {
  readonly why: StopReason;

  constructor(why: StopReason) {
    super(`the run was stopped: ${why}`);
    this.name = 'Stopped';
    this.why = why;
  }
}

/**
 * Keeps an attempt's lease alive and watches for the end that others put to it: `signal` aborts with
 * `Stopped` when the run is canceled, out of time, or lost (the server gave it away, or was out of reach
 * longer than the lease and its grace).
 */
export function holdLease(
  connection: Connection,
  run: { runKey: number; attempt: number; timeoutSeconds: number },
  serverGraceSeconds: number,
): { signal: AbortSignal; release(): Promise<void> } {
  const stopping = new AbortController();
  const released = new AbortController();
  const timeout = setTimeout(() => stopping.abort(new Stopped('timeout')), run.timeoutSeconds * 1000);
  const waitSeconds = Math.max(1, Math.floor(connection.leaseSeconds / 3));

  const beat = async (): Promise<void> => {
    let lastAnswer = Date.now();
    while (!released.signal.aborted) {
      try {
        const answer = await connection.heartbeat(run.runKey, run.attempt, waitSeconds, released.signal);
        lastAnswer = Date.now();
        if (answer.isCancelRequested) {
          stopping.abort(new Stopped('canceled'));
          await delay(waitSeconds * 1000, undefined, { signal: released.signal });
        }
      } catch (error) {
        if (released.signal.aborted) return;
        const silentMs = Date.now() - lastAnswer;
        if (isRefusal(error) || silentMs > (connection.leaseSeconds + serverGraceSeconds) * 1000) {
          stopping.abort(new Stopped('lost'));
          return;
        }
        await delay(300, undefined, { signal: released.signal }).catch(() => {});
      }
    }
  };
  const beating = beat().catch(() => {}); // only a delay that was released can reject here
  return {
    signal: stopping.signal,
    async release() {
      clearTimeout(timeout);
      released.abort();
      await beating;
    },
  };
}
