import { createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../model/index.ts';
import { checkBlobName } from './names.ts';

/** What a URL may be used for: reading, or creating and writing. */
export type BlobPermissions = 'r' | 'cw';
export type BlobNeed = 'r' | 'w';

const version = '2018-11-09';
const isoSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * A URL that is good for one blob, one purpose and some time, shaped like Azure's service SAS:
 * `{baseUrl}/{container}/{blob}?sv=…&sr=b&sp=cw&se=2026-01-01T00%3A00%3A00Z&sig=…`.
 * @throws ServiceError 400 for names that no blob may have.
 */
export function signBlobUrl(
  key: Uint8Array,
  grant: {
    readonly baseUrl: string;
    readonly container: string;
    readonly blob: string;
    readonly permissions: BlobPermissions;
    readonly expiresAt: Date;
  },
): string {
  const { baseUrl, container, blob, permissions, expiresAt } = grant;
  checkBlobName(container, blob);
  const expiry = `${expiresAt.toISOString().slice(0, 19)}Z`;
  const query = new URLSearchParams({ sv: version, sr: 'b', sp: permissions, se: expiry });
  query.set('sig', signatureOf(key, { container, blob, version, permissions, expiry }));
  const path = [container, ...blob.split('/')].map(encodeURIComponent).join('/');
  return `${baseUrl.replace(/\/+$/, '')}/${path}?${query}`;
}

/**
 * Refuses a request whose query was not signed with `key` for this very blob and purpose, or too long ago.
 * @throws ServiceError 403 `AuthenticationFailed`.
 */
export function verifyBlobSignature(
  key: Uint8Array,
  request: {
    readonly container: string;
    readonly blob: string;
    readonly query: URLSearchParams;
    readonly need: BlobNeed;
    readonly now: Date;
  },
): void {
  const { container, blob, query, need, now } = request;
  const given = single(query, 'sig');
  if (given === '') throw failed('the URL has no signature (sig); ask the service for a signed URL');
  const permissions = single(query, 'sp');
  const expiry = single(query, 'se');
  const expected = signatureOf(key, { container, blob, version: single(query, 'sv'), permissions, expiry });
  if (single(query, 'sr') !== 'b' || !isoSeconds.test(expiry) || !isEqual(given, expected)) {
    throw failed('the signature of the URL was not made by this service, or for another blob or purpose');
  }
  if (now.getTime() >= Date.parse(expiry)) {
    throw failed(`the URL expired at ${expiry}; it is now ${now.toISOString()}; ask for a new one`);
  }
  if (!permissions.includes(need)) {
    const [granted, wanted] = need === 'w' ? ['reading', 'writing'] : ['writing', 'reading'];
    throw failed(`the URL is good for ${granted} this blob, not for ${wanted} it (sp is ${permissions})`);
  }
}

interface Signed {
  readonly container: string;
  readonly blob: string;
  readonly version: string;
  readonly permissions: string;
  readonly expiry: string;
}

// JSON keeps the parts apart: no two different grants have the same text.
function signatureOf(key: Uint8Array, { container, blob, version, permissions, expiry }: Signed): string {
  const text = JSON.stringify(['slipway-blob', version, permissions, expiry, container, blob]);
  return createHmac('sha256', key).update(text).digest('base64');
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** A member of the query; empty when it is missing or there more than once. */
function single(query: URLSearchParams, name: string): string {
  const values = query.getAll(name);
  return values.length === 1 ? (values[0] ?? '') : '';
}

function failed(message: string): ServiceError {
  return new ServiceError(403, 'AuthenticationFailed', message);
}
