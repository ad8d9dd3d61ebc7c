import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { loadMasterKey } from './index.ts';

async function newFile(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-key-'));
  t.after(() => rm(directory, { recursive: true }));
  return path.join(directory, 'master.key');
}

test('the key is made at first start, for its owner alone, and stays', async (t) => {
  const file = await newFile(t);
  const key = await loadMasterKey(file);
  assert.equal(key.length, 32);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(path.dirname(file)), ['master.key']);
  assert.deepEqual(Buffer.from(await loadMasterKey(file)), Buffer.from(key));
});

test('two directories have two keys', async (t) => {
  const [one, other] = await Promise.all([newFile(t).then(loadMasterKey), newFile(t).then(loadMasterKey)]);
  assert.notDeepEqual(Buffer.from(one), Buffer.from(other));
});

test('of many that start at once one wins, and all have its key', async (t) => {
  const file = await newFile(t);
  const keys = await Promise.all(Array.from({ length: 10 }, () => loadMasterKey(file)));
  const kept = await readFile(file);
  for (const key of keys) assert.deepEqual(Buffer.from(key), kept);
  assert.deepEqual(await readdir(path.dirname(file)), ['master.key']);
});

for (const length of [0, 31, 33]) {
  test(`a file of ${length} bytes is refused and left alone`, async (t) => {
    const file = await newFile(t);
    await writeFile(file, Buffer.alloc(length, 7));
    await assert.rejects(loadMasterKey(file), new RegExp(`master\\.key is ${length} bytes long.*32.*backup`));
    assert.deepEqual(await readFile(file), Buffer.alloc(length, 7));
  });
}
