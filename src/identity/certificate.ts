import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import 'reflect-metadata'; // x509's dependency injection asks for it
import * as x509 from '@peculiar/x509';

export interface ServerCertificate {
  /** What clients have to trust. */
  readonly caFile: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3600 * 1000;
const caDays = 3650;
/** Clients refuse certificates that are good for longer than 398 days. */
const serverDays = 397;
const renewDays = 30;

/**
 * A certificate for all these names, of a local CA in the directory: both are made at first start; the
 * certificate is made anew when a name is missing or it ends within 30 days.
 */
export async function ensureServerCertificate(options: {
  directory: string;
  hostnames: readonly string[];
  ipAddresses: readonly string[];
  now: Date;
}): Promise<ServerCertificate> {
  const { directory, now } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  x509.cryptoProvider.set(crypto);
  const caFile = path.join(directory, 'ca.pem');
  const ca = await loadPair(caFile, path.join(directory, 'ca.key')).then(
    (pair) => pair ?? makeCa(directory, now),
  );
  const certFile = path.join(directory, 'server.pem');
  const keyFile = path.join(directory, 'server.key');
  const existing = await loadPair(certFile, keyFile);
  if (existing && serves(existing.certPem, ca.certPem, options)) return { caFile, ...existing };
  const made = await makeServerCertificate(ca, options);
  await savePair(certFile, keyFile, made);
  return { caFile, ...made };
}

interface Pair {
  readonly certPem: string;
  readonly keyPem: string;
}

async function loadPair(certFile: string, keyFile: string): Promise<Pair | undefined> {
  try {
    const [certPem, keyPem] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    return { certPem, keyPem };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The key is written first: a certificate without its key would be of no use. */
async function savePair(certFile: string, keyFile: string, { certPem, keyPem }: Pair): Promise<void> {
  await writeFile(`${keyFile}.new`, keyPem, { mode: 0o600 });
  await writeFile(`${certFile}.new`, certPem, { mode: 0o644 });
  await rename(`${keyFile}.new`, keyFile);
  await rename(`${certFile}.new`, certFile);
}

function serves(
  certPem: string,
  caPem: string,
  {
    hostnames,
    ipAddresses,
    now,
  }: { hostnames: readonly string[]; ipAddresses: readonly string[]; now: Date },
): boolean {
  const certificate = new X509Certificate(certPem);
  const names = (certificate.subjectAltName ?? '').split(', ');
  return (
    certificate.verify(new X509Certificate(caPem).publicKey) &&
    Date.parse(certificate.validTo) - now.getTime() > renewDays * dayMs &&
    hostnames.every((name) => names.includes(`DNS:${name}`)) &&
    ipAddresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

async function makeCa(directory: string, now: Date): Promise<Pair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=Slipway local CA',
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + caDays * dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pair = { certPem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
  await savePair(path.join(directory, 'ca.pem'), path.join(directory, 'ca.key'), pair);
  return pair;
}

async function makeServerCertificate(
  ca: Pair,
  options: { hostnames: readonly string[]; ipAddresses: readonly string[]; now: Date },
): Promise<Pair> {
  const keys = await generateKeys();
  const caCertificate = new x509.X509Certificate(ca.certPem);
  const names: x509.JsonGeneralNames = [
    ...options.hostnames.map((value) => ({ type: 'dns' as const, value })),
    ...options.ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Slipway server',
    issuer: caCertificate.subject,
    notBefore: new Date(options.now.getTime() - dayMs),
    notAfter: new Date(options.now.getTime() + serverDays * dayMs),
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.keyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.AuthorityKeyIdentifierExtension.create(caCertificate),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`; // positive and unique
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function exportKey(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function importKey(pem: string): Promise<CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  return crypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), algorithm, false, ['sign']);
}
