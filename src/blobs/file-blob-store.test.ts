import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { openFileBlobStore, type BlobStore } from './index.ts';

const options = { maxBytes: 1000 };
const body = (text: string) => Readable.from([Buffer.from(text)]);
const longAgo = new Date('2020-01-01T00:00:00Z');

async function newDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-blobs-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

async function textOf(blobs: BlobStore, blob: string): Promise<string> {
  return Buffer.concat(await (await blobs.openRead('con', blob)).toArray()).toString();
}

test('the next process finds the blobs, and not what was half-written', async (t) => {
  const directory = await newDirectory(t);
  const first = await openFileBlobStore({ directory });
  const put = await first.put('con', 'a', body('hello'), { ...options, metadata: { colour: 'red' } });
  await first.putBlock('con', 'b', 'eA==', body('staged'), options);
  await writeFile(path.join(directory, '.temporary', 'left-by-a-kill'), 'half');

  const second = await openFileBlobStore({ directory });
  assert.deepEqual(await second.head('con', 'a'), put);
  assert.equal(await textOf(second, 'a'), 'hello');
  await second.commitBlocks('con', 'b', ['eA=='], options);
  assert.equal(await textOf(second, 'b'), 'staged', 'an upload in blocks goes on after a restart');
  assert.equal((await filesIn(directory)).length, 2);
});

test('a reader of a blob that is replaced reads the old one to its end', async (t) => {
  const blobs = await openFileBlobStore({ directory: await newDirectory(t) });
  await blobs.put('con', 'a', body('old'), options);
  const reading = await blobs.openRead('con', 'a');
  await blobs.put('con', 'a', body('new'), options);
  assert.equal(Buffer.concat(await reading.toArray()).toString(), 'old');
  assert.equal(await textOf(blobs, 'a'), 'new');
});

test('a body that fails leaves nothing', async (t) => {
  const directory = await newDirectory(t);
  const blobs = await openFileBlobStore({ directory });
  const failing = async function* () {
    yield Buffer.from('first');
    throw new Error('the wire broke');
  };
  await assert.rejects(blobs.put('con', 'a', failing(), options), /the wire broke/);
  await assert.rejects(blobs.putBlock('con', 'a', 'eA==', failing(), options), /the wire broke/);
  assert.equal(await blobs.head('con', 'a'), undefined);
  assert.deepEqual(await filesIn(directory), []);
});

test('of two that must not replace each other one wins', async (t) => {
  const blobs = await openFileBlobStore({ directory: await newDirectory(t) });
  const results = await Promise.allSettled(
    ['one', 'two', 'three'].map((text) => blobs.put('con', 'a', body(text), { ...options, ifAbsent: true })),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('the same name in two containers is two blobs, and a name may be a folder of another', async (t) => {
  const blobs = await openFileBlobStore({ directory: await newDirectory(t) });
  await blobs.put('con', 'a', body('1'), options);
  await blobs.put('con', 'a/b', body('2'), options);
  await blobs.put('other', 'a', body('3'), options);
  assert.equal(await textOf(blobs, 'a'), '1');
  assert.equal(await textOf(blobs, 'a/b'), '2');
  assert.equal(await blobs.remove('con', 'a'), true);
  assert.equal(await blobs.remove('con', 'a'), false);
  assert.equal((await blobs.head('other', 'a'))?.sizeBytes, 1);
});

test('a sweep removes what is old, and only that', async (t) => {
  const directory = await newDirectory(t);
  const blobs = await openFileBlobStore({ directory });
  await blobs.put('con', 'old', body('x'), options);
  await blobs.put('other', 'old', body('x'), options);
  for (const file of await filesIn(directory)) await utimes(file, longAgo, longAgo);
  await blobs.put('con', 'new', body('x'), options);
  const date = new Date('2021-01-01T00:00:00Z');
  assert.equal(await blobs.sweepOlderThan(date, 'con'), 1);
  assert.equal(await blobs.head('con', 'old'), undefined);
  assert.ok(await blobs.head('con', 'new'));
  assert.ok(await blobs.head('other', 'old'));
  assert.equal(await blobs.sweepOlderThan(date), 1);
  assert.equal(await blobs.sweepOlderThan(date), 0);
});

test('blocks of an upload that nobody finishes go after a day', async (t) => {
  const directory = await newDirectory(t);
  const blobs = await openFileBlobStore({ directory });
  await blobs.putBlock('con', 'a', 'eA==', body('x'), options);
  const [staged = ''] = await readdir(path.join(directory, '.blocks'));
  await utimes(path.join(directory, '.blocks', staged), longAgo, longAgo);
  await openFileBlobStore({ directory });
  assert.deepEqual(await filesIn(directory), []);
});

test('a damaged file is an error, and no blob of other bytes', async (t) => {
  const directory = await newDirectory(t);
  const blobs = await openFileBlobStore({ directory });
  await blobs.put('con', 'a', body('hello'), options);
  const [file = ''] = await filesIn(directory);
  for (const keep of [(await readFile(file)).length - 1, 3, 0]) {
    await truncate(file, keep);
    await assert.rejects(blobs.openRead('con', 'a'), /is damaged/);
  }
});
