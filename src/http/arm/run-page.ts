import { ServiceError, type RunFilter } from '../../model/index.ts';
import { parseRunFilter } from './run-filter.ts';

/** Which runs a request of Runs_List is for. */
export interface RunPage {
  readonly filter?: RunFilter;
  /** How many runs the client wants in all. */
  readonly top?: number;
  /** Continues after this run; from `$skiptoken` of a `nextLink`. */
  readonly before?: number;
}

type Query = Readonly<Record<string, string | undefined>>;

/** @throws ServiceError 400 that names `$filter`, `$top` or `$skiptoken`. */
export function readRunPage(query: Query): RunPage {
  const { $filter, $top, $skiptoken } = query;
  const before =
    $skiptoken === undefined ? undefined : Number(Buffer.from($skiptoken, 'base64url').toString());
  if (before !== undefined && !Number.isSafeInteger(before)) {
    throw new ServiceError(400, 'InvalidSkipToken', 'The $skiptoken is not one of a nextLink.', {
      target: '$skiptoken',
    });
  }
  if ($top !== undefined && !/^[1-9]\d{0,8}$/.test($top)) {
    throw new ServiceError(
      400,
      'InvalidParameter',
      `$top is ${JSON.stringify($top)}; it must be a number from 1 on.`,
      {
        target: '$top',
      },
    );
  }
  return {
    ...($filter?.trim() && { filter: parseRunFilter($filter) }),
    ...($top !== undefined && { top: Number($top) }),
    ...(before !== undefined && { before }),
  };
}

/** The URL of the page that begins after run `nextBefore`; undefined when the client has all that it wants. */
export function nextLinkOf(
  url: string,
  query: Query,
  answered: number,
  nextBefore: number | undefined,
): string | undefined {
  const remaining = query.$top === undefined ? undefined : Number(query.$top) - answered;
  if (nextBefore === undefined || (remaining !== undefined && remaining <= 0)) return undefined;
  const next = new URL(url);
  next.search = '';
  for (const name of ['api-version', '$filter', 'taskName', 'status'] as const) {
    if (query[name] !== undefined) next.searchParams.set(name, query[name]);
  }
  if (remaining !== undefined) next.searchParams.set('$top', String(remaining));
  next.searchParams.set('$skiptoken', Buffer.from(String(nextBefore)).toString('base64url'));
  return next.href;
}
