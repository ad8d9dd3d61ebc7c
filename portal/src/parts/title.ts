import { useEffect, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let current = '';

/** The title of the browser's tab: what the page is about, the nearest first. */
export function useTitle(...parts: readonly (string | undefined)[]): void {
  const title = parts.filter((part) => part !== undefined).join(' · ');
  useEffect(() => {
    document.title = `${title} · Slipway`;
    current = title;
    for (const each of listeners) each();
  }, [title]);
}

/** The title that a page has given itself, for who is told of it. */
export function usePageTitle(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
