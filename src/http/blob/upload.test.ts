import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { errorOf, maxUploadBytes, startBlobService, type BlobService } from './testing.ts';

const blockBlob = { 'x-ms-blob-type': 'BlockBlob' };
const idOf = (number: number) => Buffer.from(`block-${String(number).padStart(6, '0')}`).toString('base64');

/** What is stored under that name. */
async function stored({ blobs }: BlobService, blob: string): Promise<Buffer | undefined> {
  if (!(await blobs.head('uploads', blob))) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of await blobs.openRead('uploads', blob)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test('the real client uploads in one piece', async (t) => {
  const service = await startBlobService(t);
  const bytes = randomBytes(300_000);
  const answer = await service.client('2026/a.tar.gz', 'cw').upload(bytes, bytes.length);
  assert.match(answer.etag ?? '', /^"0x/);
  assert.ok(answer.lastModified);
  assert.deepEqual(await stored(service, '2026/a.tar.gz'), bytes);
});

test('the real client uploads a stream as blocks', async (t) => {
  const service = await startBlobService(t);
  const bytes = randomBytes(300_000);
  await service.client('b.tar.gz', 'cw').uploadStream(Readable.from([bytes]), 64 * 1024, 3);
  assert.deepEqual(await stored(service, 'b.tar.gz'), bytes);
});

test('blocks become a blob in the order of the list, not of their arrival', async (t) => {
  const service = await startBlobService(t);
  const client = service.client('c', 'cw');
  for (const [id, text] of [
    [2, 'two '],
    [1, 'one '],
    [3, 'three '],
    [9, 'left out'],
    [1, 'ONE '],
  ] as const) {
    await client.stageBlock(idOf(id), text, text.length);
  }
  assert.equal(await stored(service, 'c'), undefined, 'no blob before the list');
  await client.commitBlockList([idOf(1), idOf(2), idOf(3), idOf(1)]);
  assert.equal((await stored(service, 'c'))?.toString(), 'ONE two three ONE ');
  assert.equal((await service.files()).length, 1, 'the blocks are gone');
  // The answer was lost, and the client asks again.
  await client.commitBlockList([idOf(1), idOf(2), idOf(3), idOf(1)]);
});

test('a body without type and length, and one with, is taken as it is', async (t) => {
  const service = await startBlobService(t);
  const put = (blob: string, body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(service.sign(blob, 'cw'), {
      method: 'PUT',
      body,
      headers: { ...blockBlob, ...headers },
      duplex: 'half',
    } as RequestInit);
  const streamed = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('stre'));
      controller.enqueue(Buffer.from('amed'));
      controller.close();
    },
  });
  const json = '{"not": parsed';
  assert.equal((await put('streamed', streamed)).status, 201);
  assert.equal((await put('json', json, { 'content-type': 'application/json' })).status, 201);
  assert.equal(
    (await put('form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status,
    201,
  );
  assert.equal((await put('empty', '')).status, 201);
  assert.equal((await stored(service, 'streamed'))?.toString(), 'streamed');
  assert.equal((await stored(service, 'json'))?.toString(), json);
  assert.equal((await stored(service, 'form'))?.toString(), 'a=b');
  assert.equal((await stored(service, 'empty'))?.length, 0);
});

test('a second upload replaces the first, unless the client says no', async (t) => {
  const service = await startBlobService(t);
  const client = service.client('d', 'cw');
  const onlyNew = { conditions: { ifNoneMatch: '*' } };
  await client.upload('one', 3, onlyNew);
  await assert.rejects(client.upload('two', 3, onlyNew), { statusCode: 409, code: 'BlobAlreadyExists' });
  await client.stageBlock(idOf(1), 'two', 3);
  await assert.rejects(client.commitBlockList([idOf(1)], onlyNew), { code: 'BlobAlreadyExists' });
  assert.equal((await stored(service, 'd'))?.toString(), 'one');
  await client.upload('three', 5);
  assert.equal((await stored(service, 'd'))?.toString(), 'three');
});

test('an upload that is too large is refused and leaves nothing', async (t) => {
  const service = await startBlobService(t);
  const url = service.sign('big', 'cw');
  const tooMuch = Buffer.alloc(maxUploadBytes + 1);
  const chunked = async function* () {
    for (let sent = 0; sent < 20; sent += 1) yield Buffer.alloc(256 * 1024);
  };
  const declared = await fetch(url, { method: 'PUT', body: tooMuch, headers: blockBlob });
  const undeclared = await fetch(url, {
    method: 'PUT',
    body: Readable.toWeb(Readable.from(chunked())),
    headers: blockBlob,
    duplex: 'half',
  } as RequestInit);
  for (const response of [declared, undeclared]) {
    const { status, code, message } = await errorOf(response);
    assert.deepEqual([status, code], [413, 'RequestBodyTooLarge']);
    assert.match(message, /1048576 bytes/);
  }
  assert.deepEqual(await service.files(), []);
  const exactly = await fetch(url, { method: 'PUT', body: Buffer.alloc(maxUploadBytes), headers: blockBlob });
  assert.equal(exactly.status, 201);
});

for (const [name, query] of [
  ['an upload', ''],
  ['a block', `&comp=block&blockid=${encodeURIComponent(idOf(1))}`],
  ['a block list', '&comp=blocklist'],
] as const) {
  test(`a client that sends all of ${name} before it reads hears that it is too large`, async (t) => {
    const service = await startBlobService(t);
    const { pathname, search, port } = new URL(service.sign('big', 'cw') + query);
    // Node's own HTTP client stops at the answer; most others do not.
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
    let answer = '';
    socket.on('data', (text: string) => (answer += text));
    const piece = Buffer.alloc(1024 * 1024);
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
    const head = `PUT ${pathname}${search} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`;
    // More than all buffers between the two hold.
    const all = [Buffer.from(head), ...Array<Buffer>(32).fill(chunk), Buffer.from('0\r\n\r\n')];
    await pipeline(Readable.from(all), socket, { end: false, signal: AbortSignal.timeout(30_000) });
    await waitFor('the answer is there', async () => answer.endsWith('</Error>'));
    socket.destroy();
    assert.match(answer, /^HTTP\/1\.1 413 .*<Code>RequestBodyTooLarge</s);
    assert.deepEqual(await service.files(), []);
  });
}

test('blocks that are too large together are refused', async (t) => {
  const service = await startBlobService(t);
  const client = service.client('big', 'cw');
  const half = Buffer.alloc(maxUploadBytes / 2);
  await client.stageBlock(idOf(1), half, half.length);
  await client.stageBlock(idOf(2), half, half.length);
  await assert.rejects(client.stageBlock(idOf(3), 'x', 1), { statusCode: 413, code: 'RequestBodyTooLarge' });
  // A list may name a block more than once.
  await assert.rejects(client.commitBlockList([idOf(1), idOf(2), idOf(1)]), { code: 'RequestBodyTooLarge' });
  await client.commitBlockList([idOf(1), idOf(2)]);
  assert.equal((await stored(service, 'big'))?.length, maxUploadBytes);
});

for (const [name, query, headers] of [
  ['with content-length', '', { 'content-length': '100000' }],
  ['in chunks', '', {}],
  ['of a block', `&comp=block&blockid=${encodeURIComponent(idOf(1))}`, {}],
] as const) {
  test(`an upload ${name} that breaks off leaves nothing behind`, async (t) => {
    const service = await startBlobService(t);
    const request = httpRequest(service.sign('broken', 'cw') + query, {
      method: 'PUT',
      headers: { ...blockBlob, ...headers },
    });
    request.on('error', () => {}); // it is broken off on purpose
    request.write(Buffer.alloc(50_000));
    await waitFor('the upload is being written', async () => (await service.files()).length === 1);
    request.destroy();
    await waitFor('its file is gone', async () => (await service.files()).length === 0);
    assert.equal(await stored(service, 'broken'), undefined);
    assert.deepEqual(service.faults(), [], 'a client that goes away is no fault of the server');
  });
}

/** Waits for a condition; a deadline that only a broken program reaches ends it. */
async function waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await condition()); await delay(5)) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
  }
}

test('a broken upload does not harm the blob that is there', async (t) => {
  const service = await startBlobService(t);
  await service.client('kept', 'cw').upload('old', 3);
  const request = httpRequest(service.sign('kept', 'cw'), {
    method: 'PUT',
    headers: { ...blockBlob, 'content-length': '10' },
  });
  request.on('error', () => {}); // it is broken off on purpose
  request.write('new');
  await waitFor('the upload is being written', async () => (await service.files()).length === 2);
  request.destroy();
  await waitFor('its file is gone', async () => (await service.files()).length === 1);
  assert.equal((await stored(service, 'kept'))?.toString(), 'old');
});

const commit = '&comp=blocklist';
const latest = (id: string) => `<BlockList><Latest>${id}</Latest></BlockList>`;
const refused: [name: string, query: string, body: string, status: number, code: string][] = [
  ['a block list that is empty text', commit, '', 400, 'InvalidXmlDocument'],
  ['a block list that is no XML', commit, 'garbage', 400, 'InvalidXmlDocument'],
  ['a block list that is JSON', commit, '{"Latest":["eA=="]}', 400, 'InvalidXmlDocument'],
  ['another document', commit, '<Blocks></Blocks>', 400, 'InvalidXmlDocument'],
  ['an unclosed block list', commit, '<BlockList><Latest>eA==</Latest>', 400, 'InvalidXmlDocument'],
  [
    'a block list with an unknown member',
    commit,
    '<BlockList><Old>eA==</Old></BlockList>',
    400,
    'InvalidXmlDocument',
  ],
  ['a block list with text', commit, '<BlockList>eA==</BlockList>', 400, 'InvalidXmlDocument'],
  [
    'a block list with an entity',
    commit,
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><BlockList><Latest>&x;</Latest></BlockList>',
    400,
    'InvalidXmlDocument',
  ],
  ['a list of a block that is not staged', commit, latest('bm90IHRoZXJl'), 400, 'InvalidBlockList'],
  ['a list of an id that is no base64', commit, latest('abc'), 400, 'InvalidBlockId'],
  [
    'a block list that is far too long',
    commit,
    `<BlockList>${' '.repeat(4 * 1024 * 1024)}</BlockList>`,
    413,
    'RequestBodyTooLarge',
  ],
  ['a block without id', '&comp=block', 'x', 400, 'InvalidQueryParameterValue'],
  ['a block id that is no base64', '&comp=block&blockid=..%2F..%2Fx', 'x', 400, 'InvalidBlockId'],
  [
    'a block id that is too long',
    `&comp=block&blockid=${'A'.repeat(200)}`,
    'x',
    400,
    'InvalidQueryParameterValue',
  ],
  ['two block ids', '&comp=block&blockid=eA%3D%3D&blockid=eQ%3D%3D', 'x', 400, 'InvalidBlockId'],
  ['an unknown component', '&comp=metadata', '', 400, 'InvalidQueryParameterValue'],
  ['two components', '&comp=block&comp=blocklist', '', 400, 'InvalidQueryParameterValue'],
];
for (const [name, query, body, status, code] of refused) {
  test(`${name} is refused`, async (t) => {
    const service = await startBlobService(t);
    const response = await fetch(service.sign('x', 'cw') + query, { method: 'PUT', body });
    const error = await errorOf(response);
    assert.deepEqual([error.status, error.code], [status, code], error.message);
    assert.deepEqual(await service.files(), []);
  });
}

test('an empty block list makes an empty blob', async (t) => {
  const service = await startBlobService(t);
  await service.client('empty', 'cw').commitBlockList([]);
  assert.equal((await stored(service, 'empty'))?.length, 0);
});

test('requests carry the ids that the client asks for', async (t) => {
  const service = await startBlobService(t);
  const { clientRequestId, requestId } = await service.client('e', 'cw').upload('x', 1);
  assert.ok(clientRequestId && requestId);
});
