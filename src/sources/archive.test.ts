import assert from 'node:assert/strict';
import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchArchive, resolveInside } from './index.ts';
import { patchHeader, serviceError, streamOf, tarOf, temporaryDirectory } from './testing.ts';

const mtime = new Date('2020-02-03T04:05:06Z');
const deep = 'deep/'.repeat(60) + 'file';
const ordinary = await tarOf([
  { name: './', type: 'directory' },
  { name: '/', type: 'directory' }, // what Python's tarfile makes of a root without a name
  { name: 'Dockerfile', mode: 0o640, mtime, content: 'FROM scratch\n' },
  { name: 'bin/run.sh', mode: 0o6755, mtime, content: '#!/bin/sh\n' },
  { name: 'data/', type: 'directory', mode: 0o2750, mtime },
  { name: 'data/big', content: 'b'.repeat(300_000) },
  { name: 'data/empty', mode: 0o777, mtime },
  { name: 'data/up', type: 'symlink', linkname: '../Dockerfile', mtime },
  { name: 'data/self', type: 'symlink', linkname: '.' },
  { name: 'data/dangling', type: 'symlink', linkname: 'no/where' },
  { name: 'loop', type: 'symlink', linkname: 'loop' },
  { name: 'data/same', type: 'link', linkname: 'bin/run.sh' },
  { name: 'data/same-link', type: 'link', linkname: 'data/up' },
  { name: 'back\\slash', content: 'literal' },
  { name: '..dots', content: 'no climb' },
  { name: deep, content: 'far' },
  { name: 'ümlaut', content: 'u' },
]);

for (const [name, bytes, pieceBytes] of [
  ['a plain archive', ordinary, 16 * 1024],
  ['a gzipped archive', gzipSync(ordinary), 16 * 1024],
  ['a gzipped archive, byte by byte', gzipSync(ordinary), 1],
  ['an archive in one piece', ordinary, 1e9],
  ['an archive without its trailer', ordinary.subarray(0, -1024), 1000],
] as const) {
  test(`${name} is unpacked`, async (t) => {
    const directory = join(await temporaryDirectory(t), 'made');
    await fetchArchive(streamOf(bytes, pieceBytes), directory);
    const read = (path: string) => readFileSync(join(directory, path), 'utf8');
    const stats = (path: string) => {
      const { mode, mtimeMs } = lstatSync(join(directory, path));
      return [mode & 0o7777, mtimeMs];
    };
    assert.equal(read('Dockerfile'), 'FROM scratch\n');
    assert.deepEqual(stats('Dockerfile'), [0o640, mtime.getTime()]);
    assert.deepEqual(stats('bin/run.sh'), [0o755, mtime.getTime()]);
    assert.deepEqual(stats('data'), [0o750, mtime.getTime()]);
    assert.deepEqual(stats('data/empty'), [0o777, mtime.getTime()]);
    assert.equal(read('data/big'), 'b'.repeat(300_000));
    assert.equal(readlinkSync(join(directory, 'data/up')), '../Dockerfile');
    assert.equal(stats('data/up')[1], mtime.getTime());
    assert.equal(read('data/same-link'), 'FROM scratch\n');
    assert.equal(statSync(join(directory, 'data/same')).ino, statSync(join(directory, 'bin/run.sh')).ino);
    assert.equal(read('back\\slash'), 'literal');
    assert.equal(read('..dots'), 'no climb');
    assert.equal(read(deep), 'far');
    assert.equal(read('ümlaut'), 'u');
    assert.equal(await resolveInside(directory, 'loop'), undefined);
  });
}

test('of two files with one name the later wins, and is not written through a hard link', async (t) => {
  const directory = await temporaryDirectory(t);
  const tar = await tarOf([
    { name: 'a', content: 'first, and longer' },
    { name: 'b', type: 'link', linkname: 'a' },
    { name: 'a', content: 'second' },
    { name: 'c', type: 'symlink', linkname: 'b' },
    { name: 'c', content: 'a file after all' },
  ]);
  await fetchArchive(streamOf(tar), directory);
  assert.equal(readFileSync(join(directory, 'a'), 'utf8'), 'second');
  assert.equal(readFileSync(join(directory, 'b'), 'utf8'), 'first, and longer');
  assert.ok(lstatSync(join(directory, 'c')).isFile());
});

test('an archive without entries is an empty source, and old tars have no magic', async (t) => {
  const directory = await temporaryDirectory(t);
  await fetchArchive(streamOf(Buffer.alloc(10_240)), directory);
  const old = patchHeader(await tarOf([{ name: 'old', content: 'v7' }]), 257, '\0'.repeat(8));
  await fetchArchive(streamOf(old), directory);
  assert.equal(readFileSync(join(directory, 'old'), 'utf8'), 'v7');
});

test('a directory that is not empty is no place for a source', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'mine'), '');
  await assert.rejects(fetchArchive(streamOf(ordinary), directory), /must be empty/);
});

test('an abort ends an archive that does not come, and closes its stream', async (t) => {
  const stopping = new AbortController();
  const body = new Readable({ read: () => undefined });
  body.push(ordinary.subarray(0, 2000));
  const fetching = fetchArchive(body, await temporaryDirectory(t), { signal: stopping.signal });
  const reason = new Error('canceled');
  stopping.abort(reason);
  await assert.rejects(fetching, reason);
  assert.ok(body.destroyed);
});

test('an error of the stream is passed on as it is', async (t) => {
  const error = new Error('connection lost');
  async function* broken() {
    yield* streamOf(ordinary.subarray(0, 1500));
    throw error;
  }
  await assert.rejects(fetchArchive(broken(), await temporaryDirectory(t)), error);
});

test('resolveInside follows links and stays inside', async (t) => {
  const directory = await temporaryDirectory(t);
  const tar = await tarOf([
    { name: 'd/f', content: '' },
    { name: 'l', type: 'symlink', linkname: 'd/f' },
  ]);
  await fetchArchive(streamOf(tar), join(directory, 'in'));
  await writeFile(join(directory, 'secret'), '');
  assert.equal(await resolveInside(join(directory, 'in'), 'l'), join(directory, 'in', 'd', 'f'));
  assert.equal(await resolveInside(join(directory, 'in'), '../secret'), undefined);
  await assert.rejects(
    fetchArchive(streamOf(Buffer.from('x')), join(directory, 'x')),
    serviceError('InvalidSourceArchive', /not a tar archive/),
  );
});
