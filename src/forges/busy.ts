import { ServiceError } from '../model/index.ts';

/** The provider has had enough of us, and may say for how long. */
export class ForgeBusy extends ServiceError {
  readonly restSeconds: number | undefined;
  constructor(host: string, restSeconds: number | undefined) {
    const howLong = restSeconds === undefined ? 'for a while' : `for ${restSeconds} seconds`;
    super(429, 'ForgeBusy', `${host} asks to be left alone ${howLong}: too much was asked with this token`);
    this.restSeconds = restSeconds;
  }
}

/** A host that somebody else runs does not keep us away for longer. */
const longestRestSeconds = 6 * 3600;

/**
 * Whether an answer means that a limit was reached, and for how long: 429 of any provider, 503 with `Retry-After`
 * (RFC 9110 §10.2.3), and GitHub's 403 with `Retry-After` or `X-RateLimit-Remaining: 0` (docs.github.com, Rate limits
 * for the REST API). GitLab's reset is `RateLimit-Reset`.
 */
export function restAsked(
  status: number,
  headers: { get(name: string): string | null },
  now: Date,
): { seconds: number | undefined } | undefined {
  const after = headers.get('retry-after');
  const isUsedUp = headers.get('x-ratelimit-remaining') === '0';
  const isBusy =
    status === 429 || (status === 503 && after !== null) || (status === 403 && (after !== null || isUsedUp));
  if (!isBusy) return undefined;
  const reset = headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset');
  const seconds =
    after !== null && /^\d+$/.test(after)
      ? Number(after)
      : after !== null
        ? (Date.parse(after) - now.getTime()) / 1000
        : reset !== null && /^\d+$/.test(reset)
          ? Number(reset) - now.getTime() / 1000
          : Number.NaN;
  if (!Number.isFinite(seconds)) return { seconds: undefined };
  return { seconds: Math.ceil(Math.min(longestRestSeconds, Math.max(1, seconds))) };
}
