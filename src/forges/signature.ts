import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../model/index.ts';

/** Whether a signature is HMAC-SHA256 of the bytes under the secret, in hex. Constant in time. */
export function isSigned(body: Uint8Array, signature: string, secret: Secret): boolean {
  const expected = createHmac('sha256', secret.reveal()).update(body).digest('hex');
  return isEqual(signature.toLowerCase(), expected);
}

/** Whether two texts are the same, in a time that says nothing of where they differ. */
export function isEqual(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
