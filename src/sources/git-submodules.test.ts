import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  addSubmodule,
  commit,
  createFetch,
  createRepository,
  git,
  serveGit,
  type GitServerOptions,
} from './testing-git.ts';
import { serviceError, temporaryDirectory } from './testing.ts';

async function startRepository(t: TestContext, options: GitServerOptions = {}) {
  const root = await temporaryDirectory(t);
  const repository = join(root, 'app');
  await createRepository(repository, { Dockerfile: 'FROM scratch\n' });
  const { url, requests } = await serveGit(t, root, options);
  return { root, repository, url: `${url}/app/.git`, origin: url, requests, fetch: createFetch(root) };
}

test('a submodule on the same server is fetched, also one of a submodule', async (t) => {
  const { root, repository, origin, url, fetch } = await startRepository(t);
  const innermost = await createRepository(join(root, 'innermost'), { deep: 'deep' });
  await createRepository(join(root, 'lib'), { 'lib.txt': 'lib' });
  await addSubmodule(join(root, 'lib'), 'inner', `${origin}/innermost/.git`, innermost);
  const lib = await git(join(root, 'lib'), 'rev-parse', 'HEAD');
  await addSubmodule(repository, 'vendor/lib', '../../lib/.git', lib);
  const { directory } = await fetch(url);
  assert.equal(readFileSync(join(directory, 'vendor/lib/lib.txt'), 'utf8'), 'lib');
  assert.equal(readFileSync(join(directory, 'vendor/lib/inner/deep'), 'utf8'), 'deep');
  const left = readdirSync(directory, { recursive: true }).filter((name) => String(name).endsWith('.git'));
  assert.deepEqual(left, []);
});

test('a submodule at a commit that no branch ends with is fetched', async (t) => {
  const { root, repository, origin, url, fetch } = await startRepository(t, { isOld: true });
  const old = await createRepository(join(root, 'lib'), { 'lib.txt': 'old' });
  await commit(join(root, 'lib'), { 'lib.txt': 'new' });
  await addSubmodule(repository, 'lib', `${origin}/lib/.git`, old);
  const { directory } = await fetch(url);
  assert.equal(readFileSync(join(directory, 'lib/lib.txt'), 'utf8'), 'old');
});

test('the credential of a repository is not given to the host of a submodule', async (t) => {
  const { repository, fetch, url } = await startRepository(t, { auth: 'x-access-token:tok3n' });
  const otherRoot = await temporaryDirectory(t);
  const lib = await createRepository(join(otherRoot, 'lib'), { 'lib.txt': 'lib' });
  const other = await serveGit(t, otherRoot, { auth: 'x-access-token:tok3n' });
  await addSubmodule(repository, 'lib', `${other.url}/lib/.git`, lib);
  await assert.rejects(
    fetch(`${url.replace('http://', 'http://tok3n@')}#main`),
    serviceError(
      'SourceFetchFailed',
      /submodule "lib" from http:\S+\/lib\/.git: the repository needs a credential.* is for 127\.0\.0\.1:\d+ only/,
    ),
  );
  assert.ok(other.requests.length > 0);
  for (const { headers } of other.requests) assert.equal(headers.authorization, undefined);
});

const transports: [name: string, url: (root: string) => string][] = [
  ['ext', (root) => `ext::sh -c "touch% ${root}/pwned"`],
  ['file', (root) => `file://${root}/lib/.git`],
  ['file', (root) => `${root}/lib/.git`],
  ['ssh', () => 'ssh://localhost/lib.git'],
  ['ssh', () => 'git@localhost:lib.git'],
  ['git', () => 'git://localhost/lib.git'],
];
for (const [transport, urlOf] of transports) {
  test(`a submodule over ${urlOf('/…')} is refused`, async (t) => {
    const { root, repository, url, fetch } = await startRepository(t);
    const lib = await createRepository(join(root, 'lib'), { 'lib.txt': 'lib' });
    await addSubmodule(repository, 'lib', urlOf(root), lib);
    await assert.rejects(
      fetch(url),
      serviceError('SourceFetchFailed', new RegExp(`uses the transport "${transport}"; only https and http`)),
    );
    assert.ok(!existsSync(join(root, 'pwned')));
    assert.ok(!existsSync(join(root, 'fetched-1', 'lib', 'lib.txt')));
  });
}

test('a submodule whose URL is an option, or whose name climbs, does nothing', async (t) => {
  const { root, repository, url, fetch } = await startRepository(t);
  const lib = await createRepository(join(root, 'lib'), { 'lib.txt': 'lib' });
  await addSubmodule(repository, 'lib', `--upload-pack=touch ${root}/pwned`, lib);
  await assert.rejects(fetch(url), serviceError('SourceFetchFailed', /./));
  await git(repository, 'config', '-f', '.gitmodules', 'submodule.../../x.url', `${url}`);
  await git(repository, 'config', '-f', '.gitmodules', 'submodule.../../x.path', 'lib');
  await commit(repository, {});
  await fetch(url).catch(serviceError('SourceFetchFailed', /./));
  assert.ok(!existsSync(join(root, 'pwned')));
});

test('the credential goes to a submodule on the same host, and the commit that is recorded comes', async (t) => {
  const { root, repository, url, fetch } = await startRepository(t, { auth: 'x-access-token:tok3n' });
  const recorded = await createRepository(join(root, 'lib'), { 'lib.txt': 'recorded' });
  await commit(join(root, 'lib'), { 'lib.txt': 'later' });
  await addSubmodule(repository, 'lib', '../../lib/.git/', recorded);
  const { directory } = await fetch(url.replace('//', '//tok3n@'));
  assert.equal(readFileSync(join(directory, 'lib/lib.txt'), 'utf8'), 'recorded');
});

test('a submodule says what is wrong with it', async (t) => {
  const { root, repository, origin, url, fetch } = await startRepository(t);
  const lib = await createRepository(join(root, 'lib'), { 'lib.txt': 'lib' });
  const missing = '0123456789'.repeat(4);
  for (const [address, sha, message] of [
    ['../../lib/.git', missing, new RegExp(`submodule "lib" from ${origin}/lib/.git: the commit ${missing}`)],
    [`${origin}/nothing/.git`, lib, /submodule "lib" from .*nothing\/.git: the repository is not found/],
    ['http://169.254.169.254/lib.git', lib, /is an address of the agent's own machine/],
    ['http://[::1]:2375/lib.git', lib, /is an address of the agent's own machine/],
    ['http://[/lib.git', lib, /its URL "http:\/\/\[\/lib.git" is not valid/],
    ['-u', lib, /uses the transport "file"/],
    [`--upload-pack=touch ${root}/pwned`, lib, /uses the transport "file"/],
  ] as const) {
    await addSubmodule(repository, 'lib', address, sha);
    await assert.rejects(fetch(url), serviceError('SourceFetchFailed', message), address);
  }
  await git(repository, 'config', '-f', '.gitmodules', 'submodule.lib.update', 'none');
  await git(repository, 'add', '.gitmodules');
  await git(repository, 'commit', '--quiet', '-m', 'none');
  assert.deepEqual(readdirSync(join((await fetch(url)).directory, 'lib')), [], 'update = none');
  assert.ok(!existsSync(join(root, 'pwned')));
});

test('a tree that has a link and a folder of one name does not lead a submodule out', async (t) => {
  const { root, repository, url, fetch } = await startRepository(t);
  const lib = await createRepository(join(root, 'lib'), { 'lib.txt': 'lib' });
  await mkdir(join(root, 'outside', 'lib'), { recursive: true });
  await symlink('../outside', join(repository, 'link'));
  await addSubmodule(repository, 'link/lib', '../../lib/.git', lib).catch(() => undefined);
  await git(repository, 'add', 'link');
  await git(repository, 'commit', '--quiet', '-m', 'link');
  // no index is like this; only a tree that is made by hand
  const shaOf = (name: string) => git(repository, 'rev-parse', `HEAD:${name}`);
  const folder = await writeTree(repository, [['160000', 'lib', lib]]);
  const tree = await writeTree(repository, [
    ['100644', '.gitmodules', await shaOf('.gitmodules')],
    ['120000', 'link', await shaOf('link')],
    ['40000', 'link', folder],
  ]);
  const hostile = await git(repository, 'commit-tree', '-m', 'hostile', tree);
  await git(repository, 'update-ref', 'refs/heads/main', hostile);
  await fetch(url).catch(serviceError('SourceFetchFailed', /./));
  assert.deepEqual(readdirSync(join(root, 'outside', 'lib')), []);
});

async function writeTree(repository: string, entries: [mode: string, name: string, sha: string][]) {
  const file = join(repository, '.git', 'tree-by-hand');
  const lines = entries.map(([mode, name, sha]) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(sha, 'hex'),
  ]);
  await writeFile(file, Buffer.concat(lines.flat()));
  return git(repository, 'hash-object', '-w', '-t', 'tree', '--literally', file);
}

test('submodules of submodules end somewhere', async (t) => {
  const { root, repository, origin, url, fetch } = await startRepository(t);
  let sha = await createRepository(join(root, 'chain'), { 'chain.txt': 'end' });
  for (let depth = 0; depth < 11; depth += 1) {
    await addSubmodule(join(root, 'chain'), 'next', `${origin}/chain/.git`, sha);
    sha = await git(join(root, 'chain'), 'rev-parse', 'HEAD');
  }
  await addSubmodule(repository, 'chain', `${origin}/chain/.git`, sha);
  await assert.rejects(
    fetch(url),
    serviceError('SourceFetchFailed', /submodule "chain\/next\/.*more than 10 levels deep/),
  );
});
