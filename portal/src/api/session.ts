import { useSyncExternalStore } from 'react';

/** Who is signed in, for as long as the tab is open. The secret itself is nowhere kept. */
export interface Session {
  readonly accessToken: string;
  readonly clientId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const key = 'slipway.session';
const listeners = new Set<() => void>();
let current = load();
let endedBecause: string | undefined;

function load(): Session | undefined {
  try {
    const stored = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Session | null; // only we write it
    return stored && stored.expiresAt > Date.now() ? stored : undefined;
  } catch {
    return undefined;
  }
}

function set(session: Session | undefined, reason?: string): void {
  current = session;
  endedBecause = reason;
  if (session) sessionStorage.setItem(key, JSON.stringify(session));
  else sessionStorage.removeItem(key);
  for (const each of listeners) each();
}

/** Ends the session; with a reason that the sign-in page tells. */
export function endSession(reason?: string): void {
  set(undefined, reason);
}

/** The session, and why the last one ended when it did so by itself. */
export function useSession(): { session: Session | undefined; endedBecause: string | undefined } {
  const session = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  return { session, endedBecause };
}

/** The token of the session. Ends the session when it has expired. */
export function accessToken(): string | undefined {
  if (current && current.expiresAt > Date.now()) return current.accessToken;
  if (current) endSession('Your session has expired. Sign in again to go on where you were.');
  return undefined;
}

/** The client credentials grant (RFC 6749 §4.4). @throws Error that says what the server refused. */
export async function signIn(clientId: string, clientSecret: string): Promise<void> {
  const request = fetch('/adfs/oauth2/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${location.origin}/arm/.default`,
    }),
  });
  const response = await request.catch(() => {
    throw new Error('The server cannot be reached. Is it running?');
  });
  const answer = (await response.json().catch(() => ({}))) as {
    access_token?: string;
    expires_in?: number;
    error_description?: string;
  };
  if (answer.access_token === undefined) {
    throw new Error(answer.error_description ?? `the server answered ${response.status}`);
  }
  const expiresAt = Date.now() + (answer.expires_in ?? 3600) * 1000;
  set({ accessToken: answer.access_token, clientId, expiresAt });
}
