import { useState, type FormEvent } from 'react';
import { signIn } from '../api/session.ts';
import { Notice } from '../parts/notice.tsx';
import { useAction } from '../parts/use-action.ts';
import { useTitle } from '../parts/title.ts';

/** Signs in a service principal; `reason` says why the last session ended. */
export function SignInPage({ reason }: { reason: string | undefined }) {
  useTitle('Sign in');
  const [clientId, setClientId] = useState('');
  const [secret, setSecret] = useState('');
  const { isBusy, error, act } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => signIn(clientId.trim(), secret.trim()));
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>
          <img src="/portal/icon.svg" alt="" width="40" height="40" />
          Slipway
        </h1>
        <p className="muted">Sign in to see runs, tasks and what starts them.</p>
        {reason !== undefined && error === undefined && <Notice kind="info">{reason}</Notice>}
        {error !== undefined && <Notice kind="error">{error.message}</Notice>}
        <label>
          Application (client) id
          <input
            name="username"
            value={clientId}
            onChange={(event) => setClientId(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
          />
        </label>
        <label>
          Client secret
          <input
            name="password"
            type="password"
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
            autoComplete="current-password"
            required
          />
        </label>
        <button type="submit" className="primary" aria-disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <p className="muted help">
          Both are in the file <code>client.env</code> of the server&rsquo;s data directory, as{' '}
          <code>SLIPWAY_CLIENT_ID</code> and <code>SLIPWAY_CLIENT_SECRET</code>. After{' '}
          <code>./slipway quickstart</code> that is <code>.slipway/data/client.env</code>.
        </p>
      </form>
    </main>
  );
}
