import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Secret } from '../model/index.ts';

/** Encrypts what is kept: AES-256-GCM, each text with a nonce of its own. */
export interface Sealer {
  /** `context` says what the text belongs to; it opens only under the same context. */
  seal(plain: string, context: string): string;
  /** @throws Error when the text was altered, or sealed under another key or context. */
  open(sealed: string, context: string): Secret;
}

const version = 'v1:';
const nonceBytes = 12;
const tagBytes = 16;

/** @param masterKey 32 bytes. */
export function openSealer(masterKey: Uint8Array): Sealer {
  return {
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return version + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed, context) {
      if (!sealed.startsWith(version)) throw new Error('not a sealed text of a known version');
      const bytes = Buffer.from(sealed.slice(version.length), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes, // otherwise a tag cut to four bytes would do
      })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      const body = bytes.subarray(nonceBytes + tagBytes);
      return new Secret(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'));
    },
  };
}
