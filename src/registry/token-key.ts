import 'reflect-metadata'; // x509's dependency injection asks for it
import * as x509 from '@peculiar/x509';

/** The key that signs registry tokens, and the certificate by which distribution trusts it. */
export interface RegistryTokenKey {
  readonly keyPem: string;
  readonly certificatePem: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const tenYearsMs = 10 * 365 * 24 * 3600 * 1000;

/** Makes a new key with its certificate, which is good for ten years. */
export async function generateRegistryTokenKey(): Promise<RegistryTokenKey> {
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
  return { keyPem, certificatePem };
}
