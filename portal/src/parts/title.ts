import { useEffect } from 'react';

/** The title of the browser's tab. */
export function useTitle(...parts: readonly (string | undefined)[]): void {
  const title = [...parts.filter((part) => part !== undefined), 'Slipway'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
