import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * A new secret of a service principal: 256 random bits, so that a plain salted hash is enough to keep it. In
 * digits and letters, since `az login -p` takes what begins with a hyphen for an option.
 */
export function newClientSecret(): string {
  return randomBytes(32).toString('hex');
}

/** `v1:{salt}:{SHA-256}`, both base64url. */
export function hashClientSecret(
  secret: string,
  salt: string = randomBytes(16).toString('base64url'),
): string {
  return `v1:${salt}:${createHash('sha256').update(`${salt}:${secret}`).digest('base64url')}`;
}

/** Whether the secret belongs to the hash; takes the same time for a right and a wrong one. */
export function verifyClientSecret(secret: string, hash: string): boolean {
  const [, salt = ''] = hash.split(':');
  const given = Buffer.from(hashClientSecret(secret, salt));
  const kept = Buffer.from(hash);
  return given.length === kept.length && timingSafeEqual(given, kept);
}
