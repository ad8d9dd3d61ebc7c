import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureServerCertificate } from '../identity/index.ts';
import type { ServerOptions } from './options.ts';

export interface Certificate {
  /** What clients have to trust. */
  readonly caFile: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** The operator's certificate, or one of the local CA that covers every name clients use. */
export async function loadCertificate(options: ServerOptions, blobAccount: string): Promise<Certificate> {
  if (options.tls) {
    const { certFile, keyFile } = options.tls;
    const [certPem, keyPem] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    return { caFile: path.resolve(certFile), certPem, keyPem };
  }
  const { host } = options.listen;
  const isAddress = /^[\d.]+$|:/.test(host);
  const names = ['localhost', '*.blob.localhost', `${blobAccount}.blob.localhost`, '*.vault.localhost'];
  if (!isAddress && host !== 'localhost') names.push(host, `*.blob.${host}`, `${blobAccount}.blob.${host}`);
  const addresses = new Set(['127.0.0.1', '::1', ...(isAddress ? [host] : [])]);
  return ensureServerCertificate({
    directory: path.join(options.dataDirectory, 'tls'),
    hostnames: names,
    ipAddresses: [...addresses],
    now: new Date(),
  });
}
