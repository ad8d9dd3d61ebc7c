import { ServiceError } from '../../model/index.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** The name after which a page of a list by name starts. @throws ServiceError 400 `InvalidSkipToken`. */
export function readNamePage({ $skiptoken }: Query): { after?: string } {
  if ($skiptoken === undefined) return {};
  const after = Buffer.from($skiptoken, 'base64url').toString();
  if (/^[\w-]+$/.test(after)) return { after };
  const message = 'The $skiptoken is not one of a nextLink.';
  throw new ServiceError(400, 'InvalidSkipToken', message, { target: '$skiptoken' });
}

/** `nextLink`, for the page after that name; nothing when there is none. */
export function nextNamePage(url: string, query: Query, after: string | undefined): { nextLink?: string } {
  if (after === undefined) return {};
  const next = new URL(url);
  next.searchParams.set('api-version', query['api-version'] ?? '');
  next.searchParams.set('$skiptoken', Buffer.from(after).toString('base64url'));
  return { nextLink: next.href };
}
