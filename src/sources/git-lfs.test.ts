import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { inspect, promisify } from 'node:util';
import {
  addSubmodule,
  commit,
  createFetch,
  createRepository,
  serveGit,
  type GitServerOptions,
} from './testing-git.ts';
import { createLfsStore } from './testing-lfs.ts';
import { serviceError, temporaryDirectory } from './testing.ts';

const attributes = '*.bin filter=lfs diff=lfs merge=lfs -text\n';
const big = 'big '.repeat(100_000);

/** A repository with a file in Git LFS; `fetch` brings a location of it. */
async function startRepository(t: TestContext, options: GitServerOptions = {}) {
  const root = await temporaryDirectory(t);
  const lfs = createLfsStore();
  const repository = join(root, 'app');
  const first = await createRepository(repository, {
    '.gitattributes': attributes,
    'web/big.bin': lfs.add(big),
    'notes.txt': lfs.add('not asked for'),
  });
  const { url: origin, requests } = await serveGit(t, root, { ...options, lfs });
  return {
    root,
    repository,
    lfs,
    first,
    origin,
    url: `${origin}/app/.git`,
    requests,
    fetch: createFetch(root),
  };
}

const lfsRequests = (requests: readonly IncomingMessage[]) =>
  requests.filter(({ url }) => url?.includes('lfs'));

test('files in Git LFS are there: of a branch, a folder, a commit in the middle, a submodule', async (t) => {
  const { root, repository, lfs, first, origin, url, fetch } = await startRepository(t);
  const lib = await createRepository(join(root, 'lib'), {
    'assets/.gitattributes': attributes,
    'assets/lib.bin': lfs.add('of the submodule'),
  });
  const odd = Buffer.from('\xe9.bin', 'latin1');
  await writeFile(Buffer.concat([Buffer.from(`${repository}/`), odd]), lfs.add('not UTF-8'));
  await commit(repository, { 'web/big.bin': lfs.add('later') });
  await addSubmodule(repository, 'lib', '../../lib/.git', lib);
  const { directory, contextDirectory } = await fetch(`${url}#main:web`);
  assert.equal(contextDirectory, join(directory, 'web'));
  assert.equal(readFileSync(join(contextDirectory, 'big.bin'), 'utf8'), 'later');
  assert.equal(readFileSync(join(directory, 'lib/assets/lib.bin'), 'utf8'), 'of the submodule');
  const oddFile = Buffer.concat([Buffer.from(`${directory}/`), odd]);
  assert.equal(readFileSync(oddFile, 'utf8'), 'not UTF-8');
  assert.match(readFileSync(join(directory, 'notes.txt'), 'utf8'), /^version /, 'no attribute, no file');
  const old = await fetch(`${origin}/app/.git#${first}`);
  assert.equal(readFileSync(join(old.directory, 'web/big.bin'), 'utf8'), big);
});

test('the credential opens Git LFS too, and shows up nowhere', async (t) => {
  const { url, fetch, requests } = await startRepository(t, { auth: 'x-access-token:tok3n-s3cret' });
  const { directory } = await fetch(url.replace('//', '//tok3n-s3cret@'));
  assert.equal(readFileSync(join(directory, 'web/big.bin'), 'utf8'), big);
  assert.ok(lfsRequests(requests).some(({ url }) => url?.startsWith('/lfs-objects/')));
  const refused = await fetch(url.replace('//', '//wr0ng-s3cret@')).catch(inspect);
  assert.doesNotMatch(inspect(refused), /s3cret/);
});

test('what is too big is refused before it is loaded', async (t) => {
  const { url, fetch, requests } = await startRepository(t);
  await assert.rejects(
    fetch(url, { limits: { maxTotalBytes: 300_000 } }),
    serviceError('SourceFetchFailed', /with Git LFS, its files have more than 300000 bytes/),
  );
  assert.deepEqual(lfsRequests(requests), []);
});

test('an object that is missing, or not what the pointer says, is named', async (t) => {
  const { url, repository, lfs, fetch } = await startRepository(t);
  const other = createLfsStore();
  await commit(repository, { 'web/gone.bin': other.add('gone') });
  await assert.rejects(fetch(url), serviceError('SourceFetchFailed', /web\/gone\.bin.*does not exist/));
  await commit(repository, { 'web/gone.bin': lfs.add('x') });
  lfs.href = (_, origin) => `${origin}/app/.git/HEAD`;
  await assert.rejects(fetch(url), serviceError('SourceFetchFailed', /x/));
});

test('another server does not get the credential, whoever names it', async (t) => {
  const { root, repository, lfs, url, fetch } = await startRepository(t, { auth: 'x-access-token:tok3n' });
  const location = `${url.replace('//', '//tok3n@')}#main`;
  const storage = createLfsStore();
  storage.add(big);
  const open = await serveGit(t, root, { lfs: storage });
  const closed = await serveGit(t, root, { auth: 'x-access-token:tok3n' });
  const refusal = /Git LFS at http:\S+ needs a credential; one of the source is for 127\.0\.0\.1:\d+ only/;

  lfs.href = (oid) => `${open.url}/lfs-objects/${oid}`;
  const { directory } = await fetch(location);
  assert.equal(readFileSync(join(directory, 'web/big.bin'), 'utf8'), big, 'a storage that is open');
  lfs.href = undefined;
  lfs.redirect = (path) => (path.startsWith('/lfs-objects/') ? open.url + path : undefined);
  lfs.header = { Authorization: `Basic ${btoa('x-access-token:tok3n')}` };
  await fetch(location);
  lfs.header = {};
  assert.ok(open.requests.length > 1);

  lfs.redirect = (path) => (path.endsWith('/batch') ? closed.url + path : undefined);
  await assert.rejects(fetch(location), serviceError('SourceFetchFailed', refusal));

  lfs.redirect = undefined;
  lfs.href = (oid) => `${closed.url}/lfs-objects/${oid}`;
  await assert.rejects(fetch(location), serviceError('SourceFetchFailed', refusal));
  assert.ok(closed.requests.length > 0);

  lfs.href = undefined;
  closed.requests.length = 0;
  const lfsUrl = `${closed.url.replace('//', '//x:tok3n@')}/lfs`;
  await commit(repository, { '.lfsconfig': `[lfs]\n\turl = ${lfsUrl}\n` });
  await assert.rejects(fetch(location), serviceError('SourceFetchFailed', refusal));
  assert.ok(closed.requests.length > 0);
  for (const { headers } of [...open.requests, ...closed.requests]) {
    assert.equal(headers.authorization, undefined);
  }
});

const addresses: [url: string, message: RegExp][] = [
  ['file:///etc', /wants Git LFS from "file:\/\/\/etc"; only https and http/],
  ['/etc', /only https and http/],
  ['ssh://-oProxyCommand=touch@localhost/x', /only https and http/],
  ['http://169.254.169.254/latest', /"169\.254\.169\.254" is an address of the agent's own machine/],
  ['http://[::ffff:169.254.169.254]/', /is an address of the agent's own machine/],
  ['http://2852039166/', /is an address of the agent's own machine/],
  ['http://localhost:2375/containers', /"localhost" is an address of the agent's own machine/],
];
test('a .lfsconfig leads to no file, program, or address of the machine', async (t) => {
  const { repository, url, fetch } = await startRepository(t);
  for (const [address, message] of addresses) {
    for (const section of ['lfs]\n\turl', 'remote "origin"]\n\tlfsurl']) {
      await commit(repository, { '.lfsconfig': `[${section} = ${address}\n` });
      await assert.rejects(fetch(url), serviceError('SourceFetchFailed', message), address);
    }
  }
});

test('a .lfsconfig runs nothing and hides no failure', async (t) => {
  const { root, repository, url, fetch } = await startRepository(t);
  const run = `touch ${root}/pwned`;
  await commit(repository, {
    '.lfsconfig': `[lfs]\n\tstandaloneTransferAgent = x\n\tskipDownloadErrors = true
[lfs "customtransfer.x"]\n\tpath = sh\n\targs = -c '${run}'
[lfs "extension.x"]\n\tsmudge = ${run}\n\tclean = ${run}\n\tpriority = 0
[credential]\n\thelper = !${run}
[core]\n\thooksPath = hooks\n\taskPass = ${run}\n\tsshCommand = ${run}
[filter "lfs"]\n\tprocess = ${run}\n\tsmudge = ${run}\n`,
    'hooks/post-checkout': `#!/bin/sh\n${run}\n`,
  });
  const { directory } = await fetch(url);
  assert.equal(readFileSync(join(directory, 'web/big.bin'), 'utf8'), big);
  await commit(repository, { 'web/gone.bin': createLfsStore().add('gone') });
  await assert.rejects(fetch(url), serviceError('SourceFetchFailed', /gone\.bin/));
  assert.ok(!existsSync(join(root, 'pwned')));
});

/** Puts a `git` that writes down what it starts, alone or with what else there is, in front of the real one. */
async function traceGit(t: TestContext, root: string, others = `:${process.env.PATH}`) {
  const bin = await temporaryDirectory(t);
  const { stdout: real } = await promisify(execFile)('/bin/sh', ['-c', 'command -v git']);
  const trace = join(root, 'trace');
  const script = `#!/bin/sh\nGIT_TRACE=${trace} exec ${real.trim()} "$@"\n`;
  await writeFile(join(bin, 'git'), script, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = bin + others;
  t.after(() => (process.env.PATH = before));
  return () => readFileSync(trace, 'utf8');
}

test('no process has the credential in its command line, and no file that is left', async (t) => {
  const { root, url, fetch } = await startRepository(t, { auth: 'x-access-token:tok3n-s3cret' });
  const readTrace = await traceGit(t, root);
  const { directory } = await fetch(url.replace('//', '//tok3n-s3cret@'));
  for (const program of ['git-remote-http', 'git-lfs', 'credential']) {
    assert.ok(readTrace().includes(program), `${program} was started`);
  }
  assert.doesNotMatch(readTrace(), /s3cret/);
  await assert.rejects(promisify(execFile)('grep', ['-r', 's3cret', directory]), { code: 1 });
});

test('without git-lfs the error says what to install; without Git LFS nothing is started for it', async (t) => {
  const { root, repository, url, fetch } = await startRepository(t);
  const readTrace = await traceGit(t, root, '');
  const missing = /keeps files in Git LFS, and git-lfs is not installed .*: apt-get install git-lfs/;
  await assert.rejects(fetch(url), serviceError('SourceFetchFailed', missing));
  assert.match(readTrace(), /ls-files|lfs/);
  await rm(join(root, 'trace'));
  await commit(repository, { '.gitattributes': '*.bin -text\n' });
  await fetch(url);
  assert.doesNotMatch(readTrace(), /ls-files|lfs/);
});
