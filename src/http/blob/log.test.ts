import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { errorOf, startBlobService, type BlobService } from './testing.ts';

const name = 'a/rawtext.log';
const logUrl = ({ sign }: BlobService) => sign(name, 'r', { container: 'logs' });

/** Bytes from `start` on, as az asks for them. */
function piece(service: BlobService, start: number, query = '', signal?: AbortSignal): Promise<Response> {
  return fetch(logUrl(service) + query, {
    headers: { 'x-ms-range': `bytes=${start}-${start + 4095}` },
    ...(signal && { signal }),
  });
}

/** Waits until so many readers wait at the log's end. */
async function readersWait({ log }: BlobService, count: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; log.waiting.size !== count; await delay(2)) {
    if (Date.now() > deadline) throw new Error(`${log.waiting.size} readers wait, not ${count}`);
  }
}

test('there is no log before its first byte', async (t) => {
  const service = await startBlobService(t);
  const { status, code } = await errorOf(await fetch(logUrl(service)));
  assert.deepEqual([status, code], [404, 'BlobNotFound']);
});

test('the real client follows a log to its end', async (t) => {
  const service = await startBlobService(t);
  const client = service.client(name, 'r', 'logs');
  service.log.append('one\r\n');
  const growing = await client.getProperties();
  assert.equal(growing.contentLength, 5);
  assert.equal(growing.metadata?.complete, undefined);
  assert.equal((await client.downloadToBuffer(0, 5)).toString(), 'one\r\n');

  service.log.append('two\r\n');
  assert.equal((await client.downloadToBuffer(5)).toString(), 'two\r\n');

  service.log.end('Successful');
  const ended = await client.getProperties();
  assert.equal(ended.metadata?.complete, 'Successful');
  assert.equal(ended.contentLength, 10);
  assert.equal(ended.etag, growing.etag, 'a client that reads on with if-match goes on');
  assert.equal((await client.downloadToBuffer()).toString(), 'one\r\ntwo\r\n');
});

test('a piece of a log ends where the log ends at that moment', async (t) => {
  const service = await startBlobService(t);
  service.log.append('0123456789');
  const response = await piece(service, 4);
  assert.equal(response.status, 206);
  assert.equal(response.headers.get('content-range'), 'bytes 4-9/10');
  assert.equal(response.headers.get('x-ms-meta-complete'), null);
  assert.equal(await response.text(), '456789');
  const { status, code } = await errorOf(await piece(service, 10));
  assert.deepEqual([status, code], [416, 'InvalidRange']);
});

test('the end of a log that is complete says so, also past its last byte', async (t) => {
  const service = await startBlobService(t);
  service.log.append('0123');
  service.log.end('Failed');
  for (const [start, status] of [
    [0, 206],
    [4, 416],
  ] as const) {
    const response = await piece(service, start);
    assert.equal(response.status, status);
    assert.equal(response.headers.get('x-ms-meta-complete'), 'Failed');
    await response.text();
  }
});

test('a reader that waits gets the next bytes when they are there', async (t) => {
  const service = await startBlobService(t);
  service.log.append('one');
  const reading = piece(service, 3, '&wait=30');
  await readersWait(service, 1);
  service.log.append('two');
  const response = await reading;
  assert.equal(response.status, 206);
  assert.equal(await response.text(), 'two');
});

test('a reader that waits hears of the end', async (t) => {
  const service = await startBlobService(t);
  service.log.append('one');
  const reading = piece(service, 3, '&wait=30');
  await readersWait(service, 1);
  service.log.end('Canceled');
  const response = await reading;
  assert.equal(response.status, 416);
  assert.equal(response.headers.get('x-ms-meta-complete'), 'Canceled');
});

test('a reader that goes away waits no more', async (t) => {
  const service = await startBlobService(t);
  service.log.append('one');
  const going = new AbortController();
  const reading = piece(service, 3, '&wait=30', going.signal);
  await readersWait(service, 1);
  going.abort();
  await assert.rejects(reading, { name: 'AbortError' });
  await readersWait(service, 0);
});

test('who does not know what to wait for does not wait', async (t) => {
  const service = await startBlobService(t);
  service.log.append('one');
  for (const query of ['&wait=0', '&wait=-1', '&wait=soon', '&wait=1&wait=2']) {
    assert.equal((await piece(service, 3, query)).status, 416, query);
  }
  assert.equal(await (await fetch(`${logUrl(service)}&wait=30`)).text(), 'one');
});
