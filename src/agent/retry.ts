import { setTimeout as delay } from 'node:timers/promises';
import { isRefusal } from './connection.ts';

/**
 * Calls until it succeeds or the server refuses: what fails in between (a server that restarts, a
 * network that is down) is tried again with growing pauses of at most two seconds.
 * @throws the refusal, or the signal's reason.
 */
export async function untilAnswered<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 2000)) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (isRefusal(error)) throw error;
    }
    await delay(pauseMs, undefined, { signal });
  }
}
