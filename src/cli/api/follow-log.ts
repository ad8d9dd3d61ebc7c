import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../model/index.ts';
import type { Api } from './api.ts';

const waitSeconds = 20;
const patienceMs = 120_000;
/** So much is asked for at once: what a reader takes in memory does not grow with the log. */
const pieceBytes = 4 * 1024 * 1024;

/** How a run ended, as its log says it: `Successful`, `Failed`, `Canceled`, `TimedOut` or `InternalError`. */
export type LogOutcome = string;

/**
 * Hands on a run's log from its first byte as it grows, until it is complete. A server that is away for
 * less than two minutes is asked again: nothing is lost and nothing comes twice.
 */
export async function followLog(
  api: Api,
  runId: string,
  onBytes: (bytes: Uint8Array) => void,
): Promise<LogOutcome> {
  let position = 0;
  let url = await api.getLogUrl(runId);
  let lastAnswer = Date.now();
  for (;;) {
    try {
      const response = await api.http.request(`${url}&wait=${waitSeconds}`, {
        method: 'GET',
        headers: { 'x-ms-range': `bytes=${position}-${position + pieceBytes - 1}` },
        signal: AbortSignal.timeout((waitSeconds + 30) * 1000),
      });
      const bytes = await response.bytes();
      if (response.status >= 500) throw new Error(`the server answered ${response.status}`);
      lastAnswer = Date.now();
      if (response.status === 403) {
        url = await api.getLogUrl(runId); // it has expired
        continue;
      }
      const complete = response.headers['x-ms-meta-complete'];
      if (response.status === 200 || response.status === 206) {
        position += bytes.length;
        if (bytes.length > 0) onBytes(bytes);
        const [, total = Infinity] = /\/(\d+)$/.exec(response.headers['content-range'] ?? '') ?? [];
        if (typeof complete === 'string' && position >= Number(total)) return complete;
      } else if (response.status === 404) {
        await delay(100);
      } else if (response.status !== 416) {
        throw new ServiceError(
          response.status,
          'LogUnavailable',
          `the log cannot be read: the server answered ${response.status}`,
        );
      } else if (typeof complete === 'string') {
        return complete; // asked past the end of what will not grow any more
      }
    } catch (error) {
      if (error instanceof ServiceError || Date.now() - lastAnswer > patienceMs) throw error;
      await delay(500);
    }
  }
}
