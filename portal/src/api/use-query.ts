import { useEffect, useRef, useState } from 'react';
import { ApiError } from './call.ts';

export interface Query<T> {
  readonly data: T | undefined;
  readonly error: Error | undefined;
  /** Asks again now. */
  readonly reload: () => void;
}

/** What failed and may go well another time is tried again so much later. */
const retryMs = 5000;

/**
 * What `load` answers, asked anew whenever `key` changes and `refreshMs(data)` after each answer, while the
 * page can be seen. Meanwhile the last answer stays, as it does when a refresh fails.
 */
export function useQuery<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  refreshMs: (data: T) => number | undefined = () => undefined,
): Query<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: Error }>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef({ load, refreshMs });
  useEffect(() => {
    latest.current = { load, refreshMs };
  });
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => {
      if (document.hidden) document.addEventListener('visibilitychange', again, { once: true });
      else void ask();
    };
    const ask = async (): Promise<void> => {
      try {
        const data = await latest.current.load(gone.signal);
        if (gone.signal.aborted) return;
        setState({ key, data });
        const pauseMs = latest.current.refreshMs(data);
        if (pauseMs !== undefined) timer = setTimeout(again, pauseMs);
      } catch (error) {
        if (gone.signal.aborted) return;
        setState((old) => ({ ...(old.key === key ? old : { key }), error: error as Error })); // only errors are thrown
        if (!(error instanceof ApiError) || error.isPassing) timer = setTimeout(again, retryMs);
      }
    };
    void ask();
    return () => {
      gone.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [key, round]);
  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    reload: () => setRound((old) => old + 1),
  };
}
