import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchTarball, parseSourceLocation, type FetchTarballOptions } from './index.ts';
import { serve, serviceError, tarOf, temporaryDirectory } from './testing.ts';

const archive = gzipSync(await tarOf([{ name: 'Dockerfile', content: 'FROM scratch\n' }]));

/** Brings a location into a new directory. */
async function fetchFrom(
  t: TestContext,
  location: string,
  options: FetchTarballOptions = {},
): Promise<string> {
  const parsed = parseSourceLocation(location);
  assert.ok(parsed.kind === 'tarball', `${location} is a tarball`);
  const directory = join(await temporaryDirectory(t), 'made');
  await fetchTarball(parsed, directory, options);
  return directory;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const sendArchive: Answer = (_request, response) => void response.end(archive);
const redirectTo =
  (location: string, status = 302): Answer =>
  (_request, response) =>
    void response.writeHead(status, { location }).end('moved');

/** A server of these paths that remembers who asked. */
async function serveAll(t: TestContext, paths: Record<string, Answer>) {
  const requests: IncomingMessage[] = [];
  const { url } = await serve(t, (request, response) => {
    requests.push(request);
    const answer = paths[(request.url ?? '').split('?')[0] ?? ''];
    if (answer) answer(request, response);
    else response.writeHead(404).end('nothing here');
  });
  return { url, requests };
}

test('a tarball is unpacked', async (t) => {
  const { url } = await serveAll(t, { '/a.tar.gz': sendArchive });
  const directory = await fetchFrom(t, `${url}/a.tar.gz`);
  assert.deepEqual(readdirSync(directory), ['Dockerfile']);
  assert.equal(readFileSync(join(directory, 'Dockerfile'), 'utf8'), 'FROM scratch\n');
});

for (const status of [301, 302, 303, 307, 308]) {
  test(`a redirect with ${status} is followed`, async (t) => {
    const { url } = await serveAll(t, {
      '/start': redirectTo('/moved/?x=1', status),
      '/moved/': redirectTo('../a.tar.gz', status),
      '/a.tar.gz': sendArchive,
    });
    assert.deepEqual(readdirSync(await fetchFrom(t, `${url}/start`)), ['Dockerfile']);
  });
}

test('redirects without end are given up', async (t) => {
  const { url, requests } = await serveAll(t, { '/loop': redirectTo('/loop') });
  const message = /\/loop: more than 5 redirects in a row/;
  await assert.rejects(fetchFrom(t, `${url}/loop`), serviceError('SourceFetchFailed', message));
  assert.equal(requests.length, 6);
  const none = serviceError('SourceFetchFailed', /more than 0 redirects/);
  await assert.rejects(fetchFrom(t, `${url}/loop`, { maxRedirects: 0 }), none);
});

for (const [target, message] of [
  ['file:///etc/passwd', /redirects to a file: URL; only http and https/],
  ['ftp://localhost/a.tar', /redirects to a ftp: URL/],
  ['data:,x', /redirects to a data: URL/],
  ['http://', /redirects to something that is no URL/],
] as const) {
  test(`a redirect to ${target} is refused`, async (t) => {
    const { url } = await serveAll(t, { '/start': redirectTo(target) });
    await assert.rejects(fetchFrom(t, `${url}/start`), serviceError('SourceFetchFailed', message));
  });
}

test('the credential goes to the first origin, and to no other', async (t) => {
  const other = await serveAll(t, { '/a.tar.gz': sendArchive });
  const first = await serveAll(t, {
    '/start': redirectTo('/next'),
    '/next': redirectTo(`${other.url.replace('http://', 'http://user:forged@')}/a.tar.gz`),
  });
  await fetchFrom(t, `${first.url.replace('http://', 'http://user:s3cret@')}/start`);
  const basic = `Basic ${Buffer.from('user:s3cret').toString('base64')}`;
  assert.deepEqual(
    first.requests.map(({ headers }) => headers.authorization),
    [basic, basic],
  );
  assert.deepEqual(
    other.requests.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

test('without a credential none is sent; a user alone has an empty password', async (t) => {
  const { url, requests } = await serveAll(t, { '/a.tar.gz': sendArchive });
  await fetchFrom(t, `${url}/a.tar.gz`);
  await fetchFrom(t, `${url.replace('http://', 'http://tok3n@')}/a.tar.gz`);
  assert.deepEqual(
    requests.map(({ headers }) => headers.authorization),
    [undefined, `Basic ${Buffer.from('tok3n:').toString('base64')}`],
  );
});

for (const status of [204, 304, 401, 403, 404, 500]) {
  test(`an answer with ${status} is told, without what the URL keeps secret`, async (t) => {
    const { url } = await serveAll(t, {
      '/a.tar.gz': (_request, response) => void response.writeHead(status).end(),
    });
    const location = `${url.replace('http://', 'http://user:s3cret@')}/a.tar.gz?sig=s3cret`;
    const failed = await fetchFrom(t, location).catch((error: unknown) => error);
    assert.ok(serviceError('SourceFetchFailed', new RegExp(`/a\\.tar\\.gz: .* status ${status}$`))(failed));
    assert.doesNotMatch(String(failed), /s3cret/);
  });
}

for (const [name, body, message] of [
  ['a page', Buffer.from('<html>'.repeat(500)), /not a tar archive/],
  ['nothing', Buffer.alloc(0), /archive|empty/],
  ['a gzipped page', gzipSync(Buffer.from('<html>'.repeat(500))), /not a tar archive/],
  ['half an archive', archive.subarray(0, archive.length / 2), /cut off|damaged|not a tar/],
] as const) {
  test(`${name} in place of a tarball is refused`, async (t) => {
    const { url } = await serveAll(t, { '/a.tar.gz': (_request, response) => void response.end(body) });
    await assert.rejects(fetchFrom(t, `${url}/a.tar.gz`), serviceError('InvalidSourceArchive', message));
  });
}

test('a tarball that is too large is refused, whether the server says so or not', async (t) => {
  const large = await tarOf([{ name: 'big', content: 'x'.repeat(50_000) }]);
  const { url } = await serveAll(t, {
    '/said.tar': (_request, response) =>
      void response.writeHead(200, { 'content-length': large.length }).end(large),
    '/unsaid.tar': (_request, response) => {
      response.writeHead(200);
      response.write(large.subarray(0, 1000));
      response.end(large.subarray(1000));
    },
  });
  const limits = { maxTotalBytes: 10_000 };
  const said = /said\.tar: it has \d+ bytes; the limit is 10000 \(maxTotalBytes\)/;
  await assert.rejects(fetchFrom(t, `${url}/said.tar`, { limits }), serviceError('SourceFetchFailed', said));
  const unsaid = serviceError('InvalidSourceArchive', /entry "big" .* the limit is 10000 \(maxTotalBytes\)/);
  await assert.rejects(fetchFrom(t, `${url}/unsaid.tar`, { limits }), unsaid);
  assert.deepEqual(readdirSync(await fetchFrom(t, `${url}/said.tar`)), ['big']);
});

test('a download that breaks off is told as one', async (t) => {
  const { url } = await serveAll(t, {
    '/a.tar': (_request, response) => {
      response.writeHead(200, { 'content-length': 100_000 });
      response.write(Buffer.alloc(1000), () => response.destroy());
    },
  });
  await assert.rejects(
    fetchFrom(t, `${url}/a.tar`),
    serviceError('SourceFetchFailed', /a\.tar: the download broke off/),
  );
});

test('a host that refuses the connection is named', async (t) => {
  await assert.rejects(
    fetchFrom(t, 'http://127.0.0.1:1/a.tar'),
    serviceError('SourceFetchFailed', /127\.0\.0\.1:1\/a\.tar: the host refuses the connection/),
  );
});

test('a download that is called off ends with its reason', async (t) => {
  const stopping = new AbortController();
  const { url } = await serveAll(t, {
    '/slow.tar': (_request, response) => {
      response.writeHead(200).write(archive.subarray(0, 10));
      stopping.abort(new Error('canceled'));
    },
  });
  await assert.rejects(fetchFrom(t, `${url}/slow.tar`, { signal: stopping.signal }), /canceled/);
});
