import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { copyDirectory } from './copy-directory.ts';

const { signal } = new AbortController();

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-copy-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

test('files keep modes and times, links stay links, and nothing else is taken', async (t) => {
  const directory = await temporary(t);
  const [from, to] = [path.join(directory, 'from'), path.join(directory, 'to')];
  await mkdir(path.join(from, 'deep/er'), { recursive: true });
  await writeFile(path.join(from, 'deep/er/run.sh'), 'text', { mode: 0o755 });
  await symlink('/etc/passwd', path.join(from, 'out'));
  await promisify(execFile)('mkfifo', [path.join(from, 'fifo')]);
  await copyDirectory(from, to, signal);
  const [given, copied] = await Promise.all(
    [from, to].map((each) => lstat(path.join(each, 'deep/er/run.sh'))),
  );
  assert.equal(copied?.mode, given?.mode);
  assert.equal(copied?.mtime.getTime(), given?.mtime.getTime());
  assert.equal(await readFile(path.join(to, 'deep/er/run.sh'), 'utf8'), 'text');
  assert.equal(await readlink(path.join(to, 'out')), '/etc/passwd');
  assert.deepEqual((await readdir(to)).sort(), ['deep', 'out']);
});

test('a directory that becomes a link meanwhile is not followed', async (t) => {
  const directory = await temporary(t);
  const at = (...names: string[]): string => path.join(directory, ...names);
  await mkdir(at('outside'));
  await mkdir(at('from/swapped'), { recursive: true });
  await writeFile(at('outside/file'), 'of the machine');
  await writeFile(at('from/swapped/file'), 'of the run');
  let isOver = false;
  const swapping = (async () => {
    while (!isOver) {
      await rename(at('from/swapped'), at('aside'));
      await symlink(at('outside'), at('from/swapped'));
      await rm(at('from/swapped'));
      await rename(at('aside'), at('from/swapped'));
    }
  })();
  for (let number = 0; number < 200; number += 1) {
    await copyDirectory(at('from'), at('to', `${number}`), signal);
    const copied = at('to', `${number}`, 'swapped');
    const isDirectory = await lstat(copied).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isDirectory)
      assert.equal(await readFile(path.join(copied, 'file'), 'utf8').catch(() => 'of the run'), 'of the run');
  }
  isOver = true;
  await swapping;
});

test('directories may not be endlessly deep', async (t) => {
  const directory = await temporary(t);
  await mkdir(path.join(directory, 'from', ...Array<string>(250).fill('d')), { recursive: true });
  const copying = copyDirectory(path.join(directory, 'from'), path.join(directory, 'to'), signal);
  await assert.rejects(copying, { code: 'SourceTooDeep' });
});
