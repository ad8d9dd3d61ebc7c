import { useState, type ReactNode } from 'react';
import { ErrorNotice } from './notice.tsx';
import { useAction } from './use-action.ts';

interface RevealProps<T> {
  /** `webhook URL` */
  readonly what: string;
  readonly hint: string;
  readonly load: () => Promise<T>;
  readonly children: (loaded: T) => ReactNode;
}

/** Something secret, which is asked for only when somebody wants to see it and forgotten when it is hidden. */
export function Reveal<T>({ what, hint, load, children }: RevealProps<T>) {
  const [shown, setShown] = useState<{ readonly loaded: T }>();
  const { isBusy, error, act } = useAction();
  const toggle = (): void => act(async () => setShown(shown ? undefined : { loaded: await load() }));
  return (
    <div className="reveal">
      <button type="button" aria-expanded={shown !== undefined} aria-disabled={isBusy} onClick={toggle}>
        {shown ? 'Hide' : 'Show'} {what}
      </button>
      {!shown && <span className="muted">{hint}</span>}
      <ErrorNotice error={error} />
      {shown && children(shown.loaded)}
    </div>
  );
}
