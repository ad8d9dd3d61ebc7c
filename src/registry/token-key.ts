import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import 'reflect-metadata'; // x509's dependency injection asks for it
import * as x509 from '@peculiar/x509';

/** The key that signs registry tokens, and the certificate by which distribution trusts it. */
export interface RegistryTokenKey {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly certificateFile: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const tenYearsMs = 10 * 365 * 24 * 3600 * 1000;

/** Reads `registry-token.{key,crt}` in the directory, or makes them. */
export async function ensureRegistryTokenKey(directory: string): Promise<RegistryTokenKey> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keyFile = path.join(directory, 'registry-token.key');
  const certificateFile = path.join(directory, 'registry-token.crt');
  try {
    const [keyPem, certificatePem] = await Promise.all([
      readFile(keyFile, 'utf8'),
      readFile(certificateFile, 'utf8'),
    ]);
    return { keyPem, certificatePem, certificateFile };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  x509.cryptoProvider.set(crypto);
  const notBefore = new Date(Date.now() - 3600 * 1000);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Slipway registry tokens',
    keys,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter: new Date(notBefore.getTime() + tenYearsMs),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const keyPem = x509.PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  const certificatePem = certificate.toString('pem');
  await writeWhole(certificateFile, certificatePem, 0o644);
  await writeWhole(keyFile, keyPem, 0o600);
  return { keyPem, certificatePem, certificateFile };
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
}
