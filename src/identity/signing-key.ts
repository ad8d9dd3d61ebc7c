import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

/** A key that signs access tokens (RS256), with its RFC 7638 thumbprint as key id. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: JWK;
}

export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return fromPrivateKey(privateKey);
}

/** The private key as PKCS #8 PEM. */
export function exportSigningKey(key: SigningKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string; // PEM is text
}

export function importSigningKey(pem: string): Promise<SigningKey> {
  return fromPrivateKey(createPrivateKey(pem));
}

async function fromPrivateKey(privateKey: KeyObject): Promise<SigningKey> {
  const publicKey = createPublicKey(privateKey);
  const jwk = await exportJWK(publicKey);
  const keyId = await calculateJwkThumbprint(jwk);
  return { keyId, privateKey, publicKey, publicJwk: { ...jwk, kid: keyId, use: 'sig', alg: 'RS256' } };
}
