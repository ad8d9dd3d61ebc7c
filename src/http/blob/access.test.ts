import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { errorOf, sendRaw, startBlobService, type BlobService } from './testing.ts';

const now = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

/** The URL with another query. */
function changed(url: string, change: (query: URLSearchParams) => void): string {
  const result = new URL(url);
  change(result.searchParams);
  return result.href;
}

const refusedReads: [name: string, url: (service: BlobService) => string, message: RegExp][] = [
  ['without a signature', ({ baseUrl }) => `${baseUrl}/uploads/a`, /no signature/],
  ['expired', ({ sign }) => sign('a', 'r', { expiresAt: later(-1) }), /expired at 2025-12-31T23:59:59Z/],
  ['expiring now', ({ sign }) => sign('a', 'r', { expiresAt: now }), /expired/],
  [
    'under another key',
    ({ sign }) => sign('a', 'r', { key: Buffer.alloc(32, 8) }),
    /not made by this service/,
  ],
  ['for another blob', ({ sign }) => sign('b', 'r').replace('/b?', '/a?'), /for another blob/],
  ['for a blob below', ({ sign }) => sign('a/b', 'r').replace('/a/b?', '/a?'), /for another blob/],
  [
    'for another container',
    ({ sign }) => sign('a', 'r', { container: 'others' }).replace('/others/', '/uploads/'),
    /for another blob/,
  ],
  ['for writing', ({ sign }) => sign('a', 'cw'), /good for writing this blob, not for reading/],
  [
    'for writing, changed to reading',
    ({ sign }) => changed(sign('a', 'cw'), (query) => query.set('sp', 'r')),
    /another blob or purpose/,
  ],
  [
    'with a longer life',
    ({ sign }) => changed(sign('a', 'r'), (query) => query.set('se', '2027-01-01T00:00:00Z')),
    /not made/,
  ],
  ['without an expiry', ({ sign }) => changed(sign('a', 'r'), (query) => query.delete('se')), /not made/],
  ['with two expiries', ({ sign }) => `${sign('a', 'r')}&se=2027-01-01T00%3A00%3A00Z`, /not made/],
  ['with two signatures', ({ sign }) => `${sign('a', 'r')}&sig=x`, /no signature/],
  ['for a container', ({ sign }) => changed(sign('a', 'r'), (query) => query.set('sr', 'c')), /not made/],
  [
    'of another version',
    ({ sign }) => changed(sign('a', 'r'), (query) => query.set('sv', '2020-01-01')),
    /not made/,
  ],
  [
    'with an empty signature',
    ({ sign }) => changed(sign('a', 'r'), (query) => query.set('sig', '')),
    /no signature/,
  ],
];
for (const [name, url, message] of refusedReads) {
  test(`a URL ${name} reads nothing`, async (t) => {
    const service = await startBlobService(t, () => now);
    await service.client('a', 'cw').upload('secret', 6);
    const error = await errorOf(await fetch(url(service)));
    assert.deepEqual([error.status, error.code], [403, 'AuthenticationFailed']);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /secret/);
    const head = await fetch(url(service), { method: 'HEAD' });
    assert.equal(head.status, 403);
  });
}

test('a URL for reading writes nothing', async (t) => {
  const service = await startBlobService(t);
  for (const query of ['', '&comp=block&blockid=eA%3D%3D', '&comp=blocklist']) {
    const response = await fetch(service.sign('a', 'r') + query, { method: 'PUT', body: 'x' });
    const error = await errorOf(response);
    assert.equal(error.status, 403);
    assert.match(error.message, /good for reading this blob, not for writing/);
  }
  assert.deepEqual(await service.files(), []);
});

test('a URL is good until it expires', async (t) => {
  let time = now;
  const service = await startBlobService(t, () => time);
  const url = service.sign('a', 'cw', { expiresAt: later(60) });
  time = later(59);
  assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 201);
  time = later(60);
  assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 403);
});

test('a log is read-only, whatever the URL says', async (t) => {
  const service = await startBlobService(t);
  const response = await fetch(service.sign('a/rawtext.log', 'cw', { container: 'logs' }), {
    method: 'PUT',
    body: 'forged',
  });
  const error = await errorOf(response);
  assert.deepEqual([error.status, error.code], [405, 'UnsupportedHttpVerb']);
});

for (const method of ['POST', 'PATCH', 'DELETE', 'OPTIONS']) {
  test(`${method} is not supported`, async (t) => {
    const service = await startBlobService(t);
    await service.client('a', 'cw').upload('x', 1);
    const error = await errorOf(await fetch(service.sign('a', 'cw'), { method }));
    assert.deepEqual([error.status, error.code], [405, 'UnsupportedHttpVerb']);
    assert.equal((await service.files()).length, 1);
  });
}

/** A URL as a server with a bug might sign it: `signBlobUrl` itself refuses these names. */
function signedByHand(service: BlobService, container: string, blob: string, permissions: string): string {
  const [version, expiry] = ['2018-11-09', '2026-01-01T01:00:00Z'];
  const text = JSON.stringify(['slipway-blob', version, permissions, expiry, container, blob]);
  const sig = createHmac('sha256', service.sasKey).update(text).digest('base64');
  const query = new URLSearchParams({ sv: version, sr: 'b', sp: permissions, se: expiry, sig });
  return `/${[container, ...blob.split('/')].map(encodeURIComponent).join('/')}?${query}`;
}

const tricks: [container: string, blob: string, code: string][] = [
  ['uploads', '../other/a', 'InvalidUri'],
  ['uploads', '..', 'InvalidUri'],
  ['uploads', 'a/../../b', 'InvalidUri'],
  ['uploads', './a', 'InvalidUri'],
  ['uploads', 'a//b', 'InvalidUri'],
  ['uploads', '/etc/passwd', 'InvalidUri'],
  ['uploads', 'a/', 'InvalidUri'],
  ['uploads', '..\\..\\a', 'InvalidUri'],
  ['uploads', 'a\0b', 'InvalidUri'],
  ['uploads', 'a\nb', 'InvalidUri'],
  ['uploads', 'x'.repeat(1025), 'InvalidUri'],
  ['..', 'a', 'InvalidResourceName'],
  ['.temporary', 'a', 'InvalidResourceName'],
  ['.blocks', 'a', 'InvalidResourceName'],
  ['a', 'a', 'InvalidResourceName'],
  ['UPLOADS', 'a', 'InvalidResourceName'],
  ['up/loads', 'a', 'InvalidResourceName'],
  ['up%loads', 'a', 'InvalidResourceName'],
];
for (const [container, blob, code] of tricks) {
  test(`${JSON.stringify(blob.slice(0, 30))} in ${JSON.stringify(container)} is no name, even when it is signed`, async (t) => {
    const service = await startBlobService(t);
    // fetch would tidy up the path: the bytes are sent as they are.
    const send = (method: string, path: string, body = '') =>
      sendRaw(
        service.baseUrl,
        `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    for (const answer of [
      await send('GET', signedByHand(service, container, blob, 'r')),
      await send('PUT', signedByHand(service, container, blob, 'cw'), 'x'),
    ]) {
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, new RegExp(`<Code>${code}</Code>`));
    }
    assert.deepEqual(await service.files(), []);
  });
}

test('dots in a path do not lead to another blob', async (t) => {
  const service = await startBlobService(t);
  await service.client('a', 'cw').upload('secret', 6);
  const query = new URL(service.sign('a', 'r')).search;
  for (const path of [
    '/uploads/../uploads/a',
    '/uploads/x/../a',
    '/uploads/%2e%2e/uploads/a',
    '//uploads/a',
  ]) {
    const answer = await sendRaw(
      service.baseUrl,
      `GET ${path}${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 40[34] /, path);
    assert.doesNotMatch(answer, /secret/);
  }
});

test('names with blanks, plus signs, percents and letters of any script are names', async (t) => {
  const service = await startBlobService(t);
  const names = ['a b', 'a+b', 'a%20b', 'zwölf/☃.tar', 'x'.repeat(1024), '..a', 'q?a=b#c', "it's", 'a;b=c&d'];
  for (const name of names) {
    const put = await fetch(service.sign(name, 'cw'), { method: 'PUT', body: name });
    assert.equal(put.status, 201, name);
  }
  for (const name of names) assert.equal(await (await fetch(service.sign(name, 'r'))).text(), name);
});
