import type { Dispatcher } from 'undici';
import { messageOf } from '../model/index.ts';

/** The registry asks to be left alone, until then if it says so. */
export class RegistryBusy extends Error {
  readonly until: Date | undefined;
  constructor(host: string, until: Date | undefined) {
    super(`${host} asks to be left alone${until ? ` until ${until.toISOString()}` : ''}`);
    this.until = until;
  }
}

/** The registry as a whole does not work: no answer, or a fault of its own. */
export class RegistryUnreachable extends Error {}

/** The registry does not give this away to this login. */
export class RegistryDenied extends Error {}

const longestRestSeconds = 6 * 3600;

/** What kept a request from being answered, in words that name the host. */
export function noAnswer(host: string, error: unknown, signal: AbortSignal): RegistryUnreachable {
  const reason = signal.aborted ? 'it did not answer in time' : messageOf(error);
  return new RegistryUnreachable(`${host} cannot be reached: ${reason}`, { cause: error });
}

/**
 * Fails when a host has enough (429, or 503 with Retry-After; RFC 9110 §10.2.3, and Docker Hub's RateLimit) or a
 * fault of its own (5xx). @throws RegistryBusy, RegistryUnreachable.
 */
export function refuseTrouble(
  host: string,
  { statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
  now: Date,
): void {
  const after = headers['retry-after'];
  if (statusCode === 429 || (statusCode === 503 && after !== undefined)) {
    const window = /^0\s*;\s*w=(\d+)/.exec(String(headers['ratelimit-remaining'] ?? ''))?.[1];
    throw new RegistryBusy(host, untilOf(String(after ?? window ?? ''), now));
  }
  if (statusCode >= 500) throw new RegistryUnreachable(`${host} answered ${statusCode}`);
}

/** Retry-After: seconds, or a date. */
function untilOf(text: string, now: Date): Date | undefined {
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return new Date(now.getTime() + Math.min(longestRestSeconds, Math.max(1, seconds)) * 1000);
}
