import { useState } from 'react';

/** Something that a button does: one at a time, and its error is kept until the next. */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const act = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(failure as Error); // only errors are thrown
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, act: (work: () => Promise<void>) => void act(work) };
}
