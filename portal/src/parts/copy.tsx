import { useEffect, useState } from 'react';

/** Puts a text on the clipboard, and says so for a moment. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  const words = { idle: 'Copy', copied: 'Copied', failed: 'Not allowed' };
  return (
    <>
      <button type="button" className="copy" onClick={copy} aria-label={`${words[state]} ${what}`}>
        {words[state]}
      </button>
      <span className="hidden" aria-live="polite">
        {state !== 'idle' && `${words[state]} ${what}`}
      </span>
    </>
  );
}

/** A short text of a machine, such as a digest, with a button that copies all of it. */
export function Code({ text, shown = text, what }: { text: string; shown?: string; what?: string }) {
  return (
    <span className="code">
      <code title={shown === text ? undefined : text}>{shown}</code>
      {what !== undefined && <CopyButton text={text} what={what} />}
    </span>
  );
}

/** Lines of a file or a terminal, with a button that copies them. */
export function Snippet({ text, what }: { text: string; what: string }) {
  return (
    <div className="snippet">
      <pre tabIndex={0} role="group" aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
