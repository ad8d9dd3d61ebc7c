import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { AccessGrant, RequestedAccess } from './access.ts';

/** User name that goes with a token as the password, as in Azure. */
export const tokenUser = '00000000-0000-0000-0000-000000000000';

/** What a credential (a long password that Docker keeps) says about its bearer. */
export interface RegistryCredential {
  readonly subject: string;
  readonly scopes: readonly AccessGrant[];
}

export interface RegistryTokenService {
  readonly issuer: string;
  /** A token that distribution accepts for one service and these accesses. */
  issueRegistryToken(
    request: { service: string; subject: string; access: readonly RequestedAccess[]; ttlSeconds: number },
    now: Date,
  ): Promise<string>;
  /** What such a token of that service is good for; nothing when it is forged, expired, or another's. */
  verifyRegistryToken(token: string, service: string, now: Date): Promise<readonly RequestedAccess[]>;
  /** A credential for one registry, to be exchanged for tokens at its login server. */
  issueRegistryCredential(
    request: RegistryCredential & { registryName: string; ttlSeconds: number },
    now: Date,
  ): Promise<string>;
  /** Undefined when it is forged, expired, or another registry's. */
  verifyRegistryCredential(
    credential: string,
    registryName: string,
    now: Date,
  ): Promise<RegistryCredential | undefined>;
}

/** Distribution's token authentication: JWTs (RFC 7519) signed by a key whose certificate it knows (`x5c`). */
export function createRegistryTokenService(options: {
  issuer: string;
  keyPem: string;
  certificatePem: string;
}): RegistryTokenService {
  const { issuer } = options;
  const key = createPrivateKey(options.keyPem);
  const certificate = new X509Certificate(options.certificatePem);
  const header = { alg: 'ES256', typ: 'JWT', x5c: [certificate.raw.toString('base64')] };
  const credentialAudience = (registryName: string): string =>
    `slipway-registry:${registryName.toLowerCase()}`;
  const secondsOf = (now: Date): number => Math.floor(now.getTime() / 1000);
  return {
    issuer,
    issueRegistryToken: ({ service, subject, access, ttlSeconds }, now) =>
      new SignJWT({ access })
        .setProtectedHeader(header)
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(service)
        .setJti(randomUUID())
        .setIssuedAt(secondsOf(now))
        .setNotBefore(secondsOf(now) - 60)
        .setExpirationTime(secondsOf(now) + ttlSeconds)
        .sign(key),
    async verifyRegistryToken(token, service, now) {
      try {
        const { payload } = await jwtVerify(token, certificate.publicKey, {
          issuer,
          audience: service,
          algorithms: ['ES256'],
          currentDate: now,
        });
        return (payload as { access: readonly RequestedAccess[] }).access; // signed by issueRegistryToken
      } catch {
        return [];
      }
    },
    issueRegistryCredential: ({ registryName, subject, scopes, ttlSeconds }, now) =>
      new SignJWT({ scopes })
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(credentialAudience(registryName))
        .setIssuedAt(secondsOf(now))
        .setExpirationTime(secondsOf(now) + ttlSeconds)
        .sign(key),
    async verifyRegistryCredential(credential, registryName, now) {
      try {
        const { payload } = await jwtVerify(credential, certificate.publicKey, {
          issuer,
          audience: credentialAudience(registryName),
          algorithms: ['ES256'],
          currentDate: now,
        });
        const { scopes } = payload as { scopes: readonly AccessGrant[] }; // signed by issueRegistryCredential
        return { subject: payload.sub ?? '', scopes };
      } catch {
        return undefined;
      }
    },
  };
}
