import { ServiceError } from '../../model/index.ts';
import {
  grantAccess,
  parseScopes,
  type AccessGrant,
  type RegistryTokenService,
} from '../../registry/index.ts';

export interface Authenticated {
  readonly subject: string;
  readonly scopes: readonly AccessGrant[];
}

/** Who may log in to a registry: with a user name and password, or with an ARM access token. */
export interface Authenticate {
  /** Undefined when they are wrong. */
  password(username: string, password: string): Promise<Authenticated | undefined>;
  /** A credential that this login server gave out earlier. */
  credential(credential: string): Promise<Authenticated | undefined>;
  accessToken(token: string): Promise<Authenticated | undefined>;
}

interface TokenDeps {
  readonly registryName: string;
  readonly loginServer: string;
  readonly tokenService: RegistryTokenService;
  readonly authenticate: Authenticate;
  readonly now: () => Date;
}

const tokenSeconds = 3600;
const credentialSeconds = 3 * 3600;

function unauthorized(message: string): ServiceError {
  return new ServiceError(401, 'UNAUTHORIZED', message);
}

/** `/oauth2/token`: Basic (GET), or `refresh_token` and `password` grants (POST), for a token with scopes. */
export async function grantRegistryToken(
  deps: TokenDeps,
  request: { basic?: { username: string; password: string }; form: URLSearchParams },
): Promise<object> {
  const { form, basic } = request;
  const who = basic
    ? await deps.authenticate.password(basic.username, basic.password)
    : await authenticateForm(deps, form);
  if (!who) throw unauthorized('the user name and password, or the token, are wrong or have expired');
  const now = deps.now();
  const token = await deps.tokenService.issueRegistryToken(
    {
      service: deps.loginServer,
      subject: who.subject,
      access: grantAccess(parseScopes(form.getAll('scope')), who.scopes),
      ttlSeconds: tokenSeconds,
    },
    now,
  );
  const refresh = form.get('grant_type') === 'refresh_token' ? form.get('refresh_token') : undefined;
  return {
    access_token: token,
    token,
    expires_in: tokenSeconds,
    issued_at: now.toISOString(),
    ...(typeof refresh === 'string' && { refresh_token: refresh }),
  };
}

async function authenticateForm(deps: TokenDeps, form: URLSearchParams): Promise<Authenticated | undefined> {
  const grantType = form.get('grant_type');
  if (grantType === 'refresh_token') return deps.authenticate.credential(form.get('refresh_token') ?? '');
  if (grantType === 'password') {
    return deps.authenticate.password(form.get('username') ?? '', form.get('password') ?? '');
  }
  if (grantType === null) throw unauthorized('authentication is required: docker login this registry first');
  throw new ServiceError(
    400,
    'UNSUPPORTED',
    `grant_type is ${JSON.stringify(grantType)}; it must be refresh_token or password`,
  );
}

/** `/oauth2/exchange` (`az acr login`): an ARM access token for a credential that Docker can keep. */
export async function exchangeToken(deps: TokenDeps, form: URLSearchParams): Promise<object> {
  const who = await deps.authenticate.accessToken(form.get('access_token') ?? '');
  if (!who) throw unauthorized('the access token is wrong, has expired, or may not use this registry');
  const credential = await deps.tokenService.issueRegistryCredential(
    { registryName: deps.registryName, ttlSeconds: credentialSeconds, ...who },
    deps.now(),
  );
  return { refresh_token: credential };
}
