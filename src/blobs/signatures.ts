import { createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../model/index.ts';

/** `r` to read, `cw` to create and write. */
export type BlobPermission = 'r' | 'cw';

const version = '2018-11-09';

/**
 * A URL that is good for one blob and one purpose until it expires, shaped like Azure's service SAS.
 * @param target.baseUrl scheme, host and port: `https://slipway.blob.localhost:8443`.
 */
export function signBlobUrl(
  key: Uint8Array,
  target: { baseUrl: string; container: string; blob: string; permissions: BlobPermission; expiresAt: Date },
): string {
  const { baseUrl, container, blob, permissions } = target;
  const expiry = `${target.expiresAt.toISOString().slice(0, 19)}Z`;
  const signature = sign(key, { container, blob, permissions, expiry });
  const query = new URLSearchParams({ sv: version, sr: 'b', sp: permissions, se: expiry, sig: signature });
  return `${baseUrl}/${container}/${blob}?${query.toString()}`;
}

/**
 * Checks that a request's query was signed for this very blob and purpose and has not expired.
 * @throws ServiceError 403 `AuthenticationFailed` that says which of these it was.
 */
export function verifyBlobSignature(
  key: Uint8Array,
  request: {
    container: string;
    blob: string;
    query: Readonly<Record<string, unknown>>;
    need: 'r' | 'w';
    now: Date;
  },
): void {
  const { container, blob, query, need, now } = request;
  const { sp: permissions, se: expiry, sig } = query;
  if (typeof sig !== 'string' || typeof permissions !== 'string' || typeof expiry !== 'string') {
    throw refusal('the URL is not signed; use it whole, with its query, as the server gave it');
  }
  const expected = Buffer.from(sign(key, { container, blob, permissions, expiry }));
  const given = Buffer.from(sig);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw refusal('the signature is not of this server for this blob');
  }
  if (!(Date.parse(expiry) > now.getTime())) throw refusal(`the URL expired at ${expiry}; ask for a new one`);
  if (!permissions.includes(need)) {
    throw refusal(`the URL grants ${permissions === 'r' ? 'reading' : 'writing'} only`);
  }
}

function refusal(reason: string): ServiceError {
  return new ServiceError(
    403,
    'AuthenticationFailed',
    `Server failed to authenticate the request: ${reason}`,
  );
}

function sign(
  key: Uint8Array,
  fields: { container: string; blob: string; permissions: string; expiry: string },
): string {
  const text = [
    fields.permissions,
    fields.expiry,
    `/blob/${fields.container}/${fields.blob}`,
    version,
    'b',
  ].join('\n');
  return createHmac('sha256', key).update(text).digest('base64');
}
