import assert from 'node:assert/strict';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { emptyDirectory, emptyThroughEngine } from './empty-directory.ts';
import { docker, importBusybox, openTestEngine, ownName, shell, type BusyboxImage } from './testing.ts';
import { temporaryDirectory } from './testing-servers.ts';

let busybox: BusyboxImage;
before(async () => {
  busybox = await importBusybox();
});
after(() => busybox.remove());

/** A directory in which a container made files that its user alone may touch, and a link out of it. */
async function fill(t: TestContext): Promise<{ directory: string; outside: string }> {
  const engine = await openTestEngine();
  const parent = await temporaryDirectory(t);
  const outside = path.join(parent, 'outside');
  const directory = path.join(parent, 'inside');
  for (const each of [outside, directory]) await mkdir(each);
  await writeFile(path.join(outside, 'file'), 'stays');
  await symlink(outside, path.join(directory, 'link'));
  const script = 'mkdir -p /w/a/b; echo x > /w/a/b/.c; echo y > "/w/with space"; dd if=/dev/null of=/w/a/d';
  await engine.runContainer({
    ...shell(busybox.image, ownName(t, engine), `umask 077; ${script}`),
    mounts: [{ target: '/w', directory }],
    ...{ isKept: false, onOutput: () => {}, signal: new AbortController().signal },
  });
  assert.deepEqual((await readdir(directory)).sort(), ['a', 'link', 'with space']);
  return { directory, outside };
}

for (const empty of [emptyDirectory, emptyThroughEngine]) {
  test(`${empty.name}: what containers made goes, what a link leads to stays`, async (t) => {
    const { directory, outside } = await fill(t);
    await empty(docker, directory);
    assert.deepEqual(await readdir(directory), []);
    assert.deepEqual(await readdir(outside), ['file']);
  });
}
