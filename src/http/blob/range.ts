import { ServiceError } from '../../model/index.ts';

/** `bytes=a-b`, `bytes=a-` or `bytes=-n`. */
export type RangeRequest = { readonly start: number; readonly end?: number } | { readonly lastBytes: number };

/** Reads a Range header (RFC 9110 §14.2); one that is no single range of bytes is as good as none. */
export function parseRange(header: string | undefined): RangeRequest | undefined {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec((header ?? '').trim()) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') return { lastBytes: Number(to) };
  if (to === '') return { start: Number(from) };
  return Number(to) < Number(from) ? undefined : { start: Number(from), end: Number(to) };
}

/** The bytes that are meant, of so many. @throws ServiceError 416 `InvalidRange` when there are none. */
export function resolveRange(range: RangeRequest, sizeBytes: number): { start: number; end: number } {
  const start = 'lastBytes' in range ? Math.max(0, sizeBytes - range.lastBytes) : range.start;
  const end = Math.min('lastBytes' in range ? sizeBytes - 1 : (range.end ?? sizeBytes - 1), sizeBytes - 1);
  if (start <= end) return { start, end };
  throw new ServiceError(
    416,
    'InvalidRange',
    'the range specified is invalid for the current size of the resource',
  );
}
