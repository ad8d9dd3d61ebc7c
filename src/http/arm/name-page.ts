import { ServiceError } from '../../model/index.ts';
import { isName, type PathParameter } from '../../spec/index.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** The name after which a page begins: `$skiptoken` of a `nextLink`. @throws ServiceError 400 that names it. */
export function readNameAfter(kind: PathParameter, { $skiptoken }: Query): string | undefined {
  if ($skiptoken === undefined) return undefined;
  const name = Buffer.from($skiptoken, 'base64url').toString();
  if (isName(kind, name)) return name;
  throw new ServiceError(400, 'InvalidSkipToken', 'The $skiptoken is not one of a nextLink.', {
    target: '$skiptoken',
  });
}

/** The URL of the page that begins after `name`. */
export function nextNameLink(url: string, query: Query, name: string): string {
  const next = new URL(url);
  next.searchParams.set('api-version', query['api-version'] ?? '');
  next.searchParams.set('$skiptoken', Buffer.from(name).toString('base64url'));
  return next.href;
}
