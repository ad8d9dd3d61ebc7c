import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { errorOf, startBlobService } from './testing.ts';

test('the real client reads what it wrote', async (t) => {
  const { client } = await startBlobService(t);
  const bytes = randomBytes(300_000);
  await client('a', 'cw').upload(bytes, bytes.length);
  assert.deepEqual(await client('a', 'r').downloadToBuffer(), bytes);
  assert.deepEqual(await client('a', 'r').downloadToBuffer(1000, 5000), bytes.subarray(1000, 6000));
  assert.equal(await client('a', 'r').exists(), true);
  assert.equal(await client('b', 'r').exists(), false);
});

test('properties say what the blob is', async (t) => {
  const { client } = await startBlobService(t);
  const uploaded = await client('a', 'cw').upload('hello', 5);
  const properties = await client('a', 'r').getProperties();
  assert.equal(properties.contentLength, 5);
  assert.equal(properties.blobType, 'BlockBlob');
  assert.equal(properties.etag, uploaded.etag);
  assert.equal(properties.acceptRanges, 'bytes');
  assert.ok(properties.lastModified);
});

test('an empty blob is read as nothing', async (t) => {
  const { client, sign } = await startBlobService(t);
  await client('empty', 'cw').upload('', 0);
  assert.equal((await client('empty', 'r').getProperties()).contentLength, 0);
  const response = await fetch(sign('empty', 'r'));
  assert.equal(response.status, 200);
  assert.equal(await response.text(), '');
});

const ranges: [header: string, expected: string, contentRange: string | null][] = [
  ['bytes=0-3', '0123', 'bytes 0-3/10'],
  ['bytes=4-4', '4', 'bytes 4-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=8-4095', '89', 'bytes 8-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-100', '0123456789', 'bytes 0-9/10'],
  ['bytes=0-9', '0123456789', 'bytes 0-9/10'],
  // No single range of bytes is as good as none (RFC 9110 §14.2).
  ['bytes=5-2', '0123456789', null],
  ['bytes=-', '0123456789', null],
  ['bytes=0-1,4-5', '0123456789', null],
  ['lines=0-3', '0123456789', null],
  ['bytes=a-b', '0123456789', null],
];
for (const name of ['range', 'x-ms-range']) {
  test(`${name} chooses the bytes`, async (t) => {
    const { client, sign } = await startBlobService(t);
    await client('digits', 'cw').upload('0123456789', 10);
    for (const [value, expected, contentRange] of ranges) {
      const response = await fetch(sign('digits', 'r'), { headers: { [name]: value } });
      assert.equal(response.status, contentRange === null ? 200 : 206, value);
      assert.equal(response.headers.get('content-range'), contentRange, value);
      assert.equal(response.headers.get('content-length'), String(expected.length), value);
      assert.equal(await response.text(), expected, value);
    }
    for (const value of ['bytes=10-', 'bytes=10-20', 'bytes=999999999999999-', 'bytes=-0']) {
      const { status, code } = await errorOf(
        await fetch(sign('digits', 'r'), { headers: { [name]: value } }),
      );
      assert.deepEqual([status, code], [416, 'InvalidRange'], value);
    }
  });
}

test('x-ms-range goes before range', async (t) => {
  const { client, sign } = await startBlobService(t);
  await client('digits', 'cw').upload('0123456789', 10);
  const headers = { range: 'bytes=0-0', 'x-ms-range': 'bytes=9-9' };
  assert.equal(await (await fetch(sign('digits', 'r'), { headers })).text(), '9');
});

test('a blob that is not there', async (t) => {
  const { client, sign } = await startBlobService(t);
  await assert.rejects(client('a', 'r').download(), { statusCode: 404, code: 'BlobNotFound' });
  const head = await fetch(sign('a', 'r'), { method: 'HEAD' });
  assert.equal(head.status, 404);
  assert.equal(head.headers.get('x-ms-error-code'), 'BlobNotFound');
  assert.equal(await head.text(), '');
});

test('who reads on asks for the same blob', async (t) => {
  const { client, sign } = await startBlobService(t);
  const { etag = '' } = await client('a', 'cw').upload('one', 3);
  const read = (ifMatch: string) => fetch(sign('a', 'r'), { headers: { 'if-match': ifMatch } });
  assert.equal((await read(etag)).status, 200);
  assert.equal((await read('*')).status, 200);
  await client('a', 'cw').upload('two', 3);
  const { status, code } = await errorOf(await read(etag));
  assert.deepEqual([status, code], [412, 'ConditionNotMet']);
});
