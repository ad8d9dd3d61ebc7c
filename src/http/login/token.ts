import { verifyClientSecret, type TokenIssuer } from '../../identity/index.ts';

export type FindPrincipal = (
  clientId: string,
) => Promise<{ objectId: string; clientId: string; displayName: string; secretHash: string } | undefined>;

/** An error of the token endpoint (RFC 6749 §5.2). */
export class OAuthError extends Error {
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string, message: string) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
  }
}

interface TokenDeps {
  readonly tokenIssuer: TokenIssuer;
  readonly findPrincipal: FindPrincipal;
  readonly now: () => Date;
}

/** Stands in for the hash of an unknown client, so that it takes as long to refuse as a wrong secret. */
const nobody = { secretHash: 'v1:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' };

/** The client credentials grant (RFC 6749 §4.4); client id and secret in the body or as Basic (§2.3.1). */
export async function grantToken(
  { tokenIssuer, findPrincipal, now }: TokenDeps,
  authorization: string | undefined,
  body: unknown,
): Promise<object> {
  const form = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>; // read member by member below
  const member = (name: string): string | undefined => {
    const value = form[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const grantType = member('grant_type');
  if (grantType === undefined) throw new OAuthError(400, 'invalid_request', 'grant_type is missing');
  if (grantType !== 'client_credentials') {
    throw new OAuthError(
      400,
      'unsupported_grant_type',
      `grant_type is ${JSON.stringify(grantType)}; this server grants client_credentials only: ` +
        'log in as a service principal (az login --service-principal)',
    );
  }
  const basic = parseBasic(authorization);
  const clientId = basic?.clientId ?? member('client_id');
  const secret = basic?.secret ?? member('client_secret');
  if (clientId === undefined || secret === undefined) {
    throw new OAuthError(400, 'invalid_request', 'client_id and client_secret are needed');
  }
  const principal = await findPrincipal(clientId);
  const isRight = verifyClientSecret(secret, (principal ?? nobody).secretHash);
  if (!principal || !isRight) {
    throw new OAuthError(
      401,
      'invalid_client',
      `the service principal ${JSON.stringify(clientId.slice(0, 100))} is not known or its secret is wrong`,
    );
  }
  const { accessToken, expiresInSeconds } = await tokenIssuer.issueAccessToken(principal, now());
  return { token_type: 'bearer', expires_in: expiresInSeconds, access_token: accessToken };
}

function parseBasic(header: string | undefined): { clientId: string; secret: string } | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  try {
    // Both halves are form-encoded (RFC 6749 §2.3.1).
    return {
      clientId: decodeURIComponent(text.slice(0, at)),
      secret: decodeURIComponent(text.slice(at + 1)),
    };
  } catch {
    throw new OAuthError(400, 'invalid_request', 'the Basic credentials are not form-encoded');
  }
}
