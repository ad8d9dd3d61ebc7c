import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect, createServer } from 'node:tls';
import { ensureServerCertificate } from './index.ts';

const day = 24 * 3600 * 1000;
const now = new Date();
const later = (days: number) => new Date(now.getTime() + days * day);
const names = { hostnames: ['localhost', 'slipway.blob.localhost'], ipAddresses: ['127.0.0.1', '::1'] };

async function newDirectory(t: TestContext): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), 'slipway-tls-'));
  t.after(() => rm(parent, { recursive: true }));
  return path.join(parent, 'tls');
}

test('a certificate covers every name, and no other', async (t) => {
  const directory = await newDirectory(t);
  const { certPem } = await ensureServerCertificate({ directory, ...names, now });
  const certificate = new X509Certificate(certPem);
  for (const name of names.hostnames) assert.ok(certificate.checkHost(name), name);
  for (const address of names.ipAddresses) assert.ok(certificate.checkIP(address), address);
  for (const name of ['example.org', 'other.blob.localhost', 'localhost.example.org']) {
    assert.equal(certificate.checkHost(name), undefined, name);
  }
  assert.equal(certificate.checkIP('127.0.0.2'), undefined);
  const lifetimeDays = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / day;
  assert.ok(lifetimeDays <= 398, `clients refuse more than 398 days, not ${lifetimeDays}`);
});

test('a client that trusts the CA connects, and one that does not is refused', async (t) => {
  const { certPem, keyPem, caFile } = await ensureServerCertificate({
    directory: await newDirectory(t),
    ...names,
    now,
  });
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => socket.end('hello')).listen(0);
  t.after(() => server.close());
  server.on('tlsClientError', () => {}); // the client without the CA
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address
  for (const servername of names.hostnames) {
    const socket = connect({ host: '127.0.0.1', port, servername, ca: await readFile(caFile) });
    const [data] = (await once(socket, 'data')) as [Buffer]; // a socket without encoding
    assert.equal(data.toString(), 'hello');
  }
  const stranger = connect({ host: '127.0.0.1', port, servername: 'localhost' });
  await assert.rejects(once(stranger, 'secureConnect'), /certificate/);
});

test('keys are for their owner alone', async (t) => {
  const directory = await newDirectory(t);
  await ensureServerCertificate({ directory, ...names, now });
  for (const file of ['ca.key', 'server.key']) {
    assert.equal((await stat(path.join(directory, file))).mode & 0o777, 0o600, file);
  }
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
});

const secondStarts: [
  name: string,
  isReused: boolean,
  change: Partial<Parameters<typeof ensureServerCertificate>[0]>,
][] = [
  ['nothing changed', true, {}],
  ['fewer names', true, { hostnames: ['localhost'], ipAddresses: [] }],
  ['31 days before its end', true, { now: later(397 - 31) }],
  ['29 days before its end', false, { now: later(397 - 29) }],
  ['after its end', false, { now: later(500) }],
  ['another host name', false, { hostnames: [...names.hostnames, 'build.example.org'] }],
  ['a host name that an old one ends with', false, { hostnames: ['blob.localhost'] }],
  ['another address', false, { ipAddresses: [...names.ipAddresses, '10.0.0.1'] }],
];
for (const [name, isReused, change] of secondStarts) {
  test(`second start, ${name}: the certificate is ${isReused ? 'kept' : 'made anew'}`, async (t) => {
    const directory = await newDirectory(t);
    const first = await ensureServerCertificate({ directory, ...names, now });
    const ca = await readFile(first.caFile, 'utf8');
    const options = { directory, ...names, now, ...change };
    const second = await ensureServerCertificate(options);
    assert.equal(second.certPem === first.certPem, isReused);
    assert.equal(await readFile(second.caFile, 'utf8'), ca, 'clients trust the CA: it stays');
    const certificate = new X509Certificate(second.certPem);
    for (const host of options.hostnames) assert.ok(certificate.checkHost(host), host);
    for (const address of options.ipAddresses) assert.ok(certificate.checkIP(address), address);
    assert.ok(certificate.verify(new X509Certificate(ca).publicKey));
    assert.ok(Date.parse(certificate.validTo) - options.now.getTime() > 30 * day);
  });
}

test('a certificate of another CA is made anew', async (t) => {
  const directory = await newDirectory(t);
  const first = await ensureServerCertificate({ directory, ...names, now });
  await Promise.all(['ca.pem', 'ca.key'].map((file) => rm(path.join(directory, file))));
  const second = await ensureServerCertificate({ directory, ...names, now });
  assert.notEqual(second.certPem, first.certPem);
  const ca = new X509Certificate(await readFile(second.caFile));
  assert.ok(new X509Certificate(second.certPem).verify(ca.publicKey));
});
