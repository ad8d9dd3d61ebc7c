import type { ReactNode } from 'react';

/** Something that the reader should know at once. */
export function Notice({ kind, children }: { kind: 'error' | 'success' | 'info'; children: ReactNode }) {
  return (
    <p className={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </p>
  );
}

/** What a request failed with. */
export function ErrorNotice({ error }: { error: Error | undefined }) {
  return error && <Notice kind="error">{error.message}</Notice>;
}

/** Where a list has nothing to show: what would fill it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p>{title}</p>
      {children}
    </div>
  );
}

export function Loading() {
  return (
    <p className="loading" role="status">
      Loading…
    </p>
  );
}
