import { Component, type ReactNode } from 'react';
import { CopyButton } from './copy.tsx';

interface ErrorBoundaryState {
  readonly error?: Error;
}

/**
 * Keeps a fault of what is inside to itself, and says what it is: what is around it stays usable. Give it the `key`
 * of what it shows, so that the next thing begins anew. React offers this to classes only.
 */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  override state: ErrorBoundaryState = {};

  static getDerivedStateFromError(thrown: unknown): ErrorBoundaryState {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error ? <Fault error={error} /> : this.props.children;
  }
}

function Fault({ error }: { error: Error }) {
  return (
    <div className="fault" role="alert">
      <h1>This page cannot be shown</h1>
      <p>
        Something is wrong with the portal, not with what you did. Reloading may help; the other pages go on
        working.
      </p>
      <pre tabIndex={0} role="group" aria-label="What is wrong">
        {error.message}
      </pre>
      <div className="actions">
        <button type="button" className="primary" onClick={() => location.reload()}>
          Reload
        </button>
        <CopyButton
          text={`${location.pathname}\n${error.stack ?? error.message}`}
          what="details for a report"
        />
        <span className="muted">the details, for a report</span>
      </div>
    </div>
  );
}
