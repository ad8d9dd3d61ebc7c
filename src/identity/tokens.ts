import { errors, jwtVerify, SignJWT, type JWK } from 'jose';
import { ServiceError } from '../model/index.ts';
import type { SigningKey } from './signing-key.ts';

/** Who bears an access token. */
export interface Principal {
  readonly objectId: string;
  readonly clientId: string;
  readonly displayName: string;
}

export interface TokenIssuer {
  issueAccessToken(
    principal: Principal,
    now: Date,
  ): Promise<{ accessToken: string; expiresInSeconds: number }>;
  /** @throws ServiceError 401 `ExpiredAuthenticationToken` or `InvalidAuthenticationToken`. */
  verifyAccessToken(token: string, now: Date): Promise<Principal>;
  /** The public keys (RFC 7517 §5). */
  jwks(): { keys: JWK[] };
}

const lifetimeSeconds = 3600;

/** Issues and checks the bearer tokens of the API: JWTs (RFC 7519) of this tenant for this server. */
export function createTokenIssuer(options: {
  issuer: string;
  tenantId: string;
  audience: string;
  /** The first one signs, all are accepted. */
  keys: readonly [SigningKey, ...SigningKey[]];
}): TokenIssuer {
  const { issuer, tenantId, audience, keys } = options;
  const [signer] = keys;
  return {
    async issueAccessToken({ objectId, clientId, displayName }, now) {
      const seconds = Math.floor(now.getTime() / 1000);
      const claims = {
        oid: objectId,
        appid: clientId,
        app_displayname: displayName,
        tid: tenantId,
        idtyp: 'app',
        ver: '1.0',
      };
      const accessToken = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: signer.keyId })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(objectId)
        .setIssuedAt(seconds)
        .setNotBefore(seconds - 300)
        .setExpirationTime(seconds + lifetimeSeconds)
        .sign(signer.privateKey);
      return { accessToken, expiresInSeconds: lifetimeSeconds };
    },
    async verifyAccessToken(token, now) {
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid }) => {
            const key = keys.find(({ keyId }) => keyId === kid);
            if (key) return key.publicKey;
            throw new errors.JWKSNoMatchingKey();
          },
          { issuer, audience, algorithms: ['RS256'], currentDate: now, clockTolerance: 5 },
        );
        const { oid, appid, tid, app_displayname: displayName } = payload;
        if (typeof oid !== 'string' || typeof appid !== 'string' || tid !== tenantId) {
          throw new errors.JWTInvalid('the token lacks oid, appid or tid');
        }
        return {
          objectId: oid,
          clientId: appid,
          displayName: typeof displayName === 'string' ? displayName : appid,
        };
      } catch (error) {
        throw refusal(error);
      }
    },
    jwks: () => ({ keys: keys.map(({ publicJwk }) => publicJwk) }),
  };
}

function refusal(error: unknown): ServiceError {
  if (error instanceof errors.JWTExpired) {
    return new ServiceError(
      401,
      'ExpiredAuthenticationToken',
      'the access token has expired; get a new one (az login), and check the clock of this machine',
    );
  }
  return new ServiceError(
    401,
    'InvalidAuthenticationToken',
    'the access token is invalid: it was not issued by this server for this server; log in here (az login)',
  );
}

/** The token of an `Authorization: Bearer …` header (RFC 6750 §2.1). @throws ServiceError 401. */
export function parseBearer(header: string | undefined): string {
  const token = /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
  if (token !== undefined) return token;
  throw new ServiceError(
    401,
    'AuthenticationFailed',
    "authentication failed: the 'Authorization' header is missing or is not 'Bearer' with a token",
  );
}
