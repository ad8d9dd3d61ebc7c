import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { readHosts } from './hosts-file.ts';

const module = path.join(import.meta.dirname, 'hosts-file.ts');

/** Adds a line of its own five times and removes it again; it has to be there in between. */
const editor = `
import assert from 'node:assert/strict';
import { addToHosts, readHosts, removeFromHosts } from ${JSON.stringify(module)};
const mark = '# slipway-test ' + process.pid;
const line = '127.0.0.1 slipway-test.localhost ' + mark;
for (let round = 0; round < 5; round += 1) {
  await addToHosts(line);
  await addToHosts(line);
  assert.equal((await readHosts()).filter((it) => it === line).length, 1);
  await removeFromHosts(mark);
}`;

test(
  'commands that edit the hosts file at once lose nothing of each other, and leave it as it was',
  { skip: !isWritable() && 'only root may edit it' },
  async () => {
    const isOfOthers = (line: string): boolean => !line.includes('# slipway');
    const before = (await readHosts()).filter(isOfOthers);
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', editor];
    await Promise.all(Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, args)));
    const after = await readHosts();
    assert.deepEqual(after.filter(isOfOthers), before);
    assert.ok(!after.some((line) => line.includes('# slipway-test')));
  },
);

function isWritable(): boolean {
  try {
    accessSync('/etc/hosts', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
