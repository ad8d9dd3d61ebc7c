import { useRef, useState } from 'react';

/**
 * Something that a button does: one at a time, and its error is kept until the next. Buttons say `aria-disabled`
 * while it is under way: one that is really disabled loses the keyboard's focus.
 */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const isUnderWay = useRef(false);
  const act = async (work: () => Promise<void>): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(failure as Error); // only errors are thrown
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  return { isBusy, error, act: (work: () => Promise<void>) => void act(work) };
}
