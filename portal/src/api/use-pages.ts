import { useEffect, useState } from 'react';
import { callNext } from './call.ts';
import type { Page } from './types.ts';
import { useQuery } from './use-query.ts';

/**
 * A list, newest first, that refreshes its first page and grows by the pages behind `nextLink`. What was
 * seen before stays in the list.
 */
export function usePages<T extends { readonly name: string }>(
  key: string,
  load: (signal: AbortSignal) => Promise<Page<T>>,
  refreshMs: (items: readonly T[]) => number | undefined,
) {
  const first = useQuery(key, load, (page) => refreshMs(page.value));
  const [older, setOlder] = useState<{ key: string; items: readonly T[]; nextLink?: string | undefined }>();
  const [error, setError] = useState<Error>();
  useEffect(() => setError(undefined), [key]);
  const more = older?.key === key ? older : undefined;
  const newest = first.data?.value ?? [];
  const known = new Set(newest.map(({ name }) => name));
  const items = [...newest, ...(more?.items.filter(({ name }) => !known.has(name)) ?? [])];
  const nextLink = more ? more.nextLink : first.data?.nextLink;
  const loadMore = async (): Promise<void> => {
    if (nextLink === undefined) return;
    try {
      const page = await callNext<Page<T>>(nextLink);
      setOlder({ key, items: [...items, ...page.value], nextLink: page.nextLink });
    } catch (failure) {
      setError(failure as Error); // only errors are thrown
    }
  };
  return {
    items,
    isLoaded: first.data !== undefined,
    error: first.error ?? error,
    reload: first.reload,
    loadMore: nextLink === undefined ? undefined : loadMore,
  };
}
