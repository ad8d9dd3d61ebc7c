import { ServiceError } from '../../model/index.ts';
import { quoted, textIn, type Ask, type Question } from './ask.ts';
import type { RunIdentity } from './identities.ts';

/** Access tokens of Microsoft Entra ID, kept until shortly before they expire. */
export interface AccessTokens {
  /** A token for an audience such as `https://vault.azure.net`. @throws ServiceError 403 `LoginRefused`. */
  get(identity: RunIdentity, audience: string, signal: AbortSignal): Promise<string>;
  /** Forgets a token that was refused. */
  forget(identity: RunIdentity, audience: string): void;
}

/** Where a machine that has an identity of its own gives out tokens. */
export interface MachineIdentity {
  /** App Service, Container Apps and the like (`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`). */
  readonly endpoint?: string | undefined;
  readonly header?: string | undefined;
}

/** Of virtual machines: the instance metadata service. */
const metadataService = 'http://169.254.169.254/metadata/identity/oauth2/token';
/** A token with less left is fetched anew. */
const spareMs = 300_000;
const fetchMs = 15_000;

interface Kept {
  readonly token: Promise<string>;
  freshUntil: number;
}

export function createAccessTokens(deps: {
  readonly ask: Ask;
  readonly machine: MachineIdentity;
  readonly now: () => Date;
}): AccessTokens {
  const known = new Map<string, Kept>();
  const keyOf = (identity: RunIdentity, audience: string): string => `${identity.name} ${audience}`;

  const fetchToken = async (identity: RunIdentity, audience: string) => {
    const question = questionFor(identity, audience, deps.machine);
    const { status, body } = await deps.ask(question, AbortSignal.timeout(fetchMs));
    const value = textIn(body, 'access_token');
    if (status !== 200 || value === undefined) {
      const said = textIn(body, 'error_description') ?? textIn(body, 'error') ?? `status ${status}`;
      const message = `${new URL(question.url).host} gave the identity ${identity.name} no access token${quoted(said)}`;
      throw new ServiceError(403, 'LoginRefused', message);
    }
    return { value, expiresAt: expiry(body, deps.now()) };
  };
  const renew = (identity: RunIdentity, audience: string): Kept => {
    const key = keyOf(identity, audience);
    const fetched = fetchToken(identity, audience);
    // Many secrets are read at once: they all wait for one token.
    const kept: Kept = { token: fetched.then(({ value }) => value), freshUntil: Infinity };
    known.set(key, kept);
    fetched.then(
      ({ expiresAt }) => (kept.freshUntil = expiresAt - spareMs),
      () => known.get(key) === kept && known.delete(key),
    );
    return kept;
  };
  return {
    async get(identity, audience, signal) {
      const kept = known.get(keyOf(identity, audience));
      const isFresh = kept !== undefined && kept.freshUntil > deps.now().getTime();
      return unlessAborted((isFresh ? kept : renew(identity, audience)).token, signal);
    },
    forget: (identity, audience) => void known.delete(keyOf(identity, audience)),
  };
}

function questionFor(
  { name, clientId, credential }: RunIdentity,
  audience: string,
  { endpoint, header }: MachineIdentity,
): Question {
  if (credential.kind === 'secret') {
    // RFC 6749 §4.4; always at the identity's own login host, whatever a vault says.
    return {
      url: `https://${credential.loginHost}/${credential.tenantId}/oauth2/v2.0/token`,
      form: {
        grant_type: 'client_credentials',
        client_id: clientId ?? name,
        client_secret: credential.clientSecret.reveal(),
        scope: `${audience}/.default`,
      },
    };
  }
  const isAppService = endpoint !== undefined && header !== undefined;
  const url = new URL(isAppService ? endpoint : metadataService);
  url.searchParams.set('api-version', isAppService ? '2019-08-01' : '2018-02-01');
  url.searchParams.set('resource', audience);
  if (clientId !== undefined) url.searchParams.set('client_id', clientId);
  return { url: url.href, headers: isAppService ? { 'x-identity-header': header } : { metadata: 'true' } };
}

/** `expires_in` is in seconds from now, `expires_on` since 1970; either may be a text. */
function expiry(body: unknown, now: Date): number {
  const { expires_in: left, expires_on: until } = body as { expires_in?: unknown; expires_on?: unknown };
  if (Number(left) > 0) return now.getTime() + Number(left) * 1000;
  return Number(until) > 0 ? Number(until) * 1000 : now.getTime();
}

async function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new ServiceError(504, 'NoAnswer', 'the login did not answer in time'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
