import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../model/index.ts';
import { splitCredential } from './git-environment.ts';
import { fetchGit, parseSourceLocation } from './index.ts';
import {
  commit,
  createFetch,
  createRepository,
  git,
  serveGit,
  type GitServerOptions,
} from './testing-git.ts';
import { serve, serviceError, temporaryDirectory } from './testing.ts';

// Made once and copied for each test: a branch, a tag and folders.
const template = await mkdtemp(join(tmpdir(), 'slipway-sources-'));
after(() => rm(template, { recursive: true }));
const first = await createRepository(template, {
  Dockerfile: 'FROM first\n',
  'web/Dockerfile': 'FROM web\n',
});
await git(template, 'tag', '-a', 'v1', '-m', 'one');
await git(template, 'checkout', '--quiet', '-b', 'feature/x');
const feature = await commit(template, { Dockerfile: 'FROM feature\n' });
await git(template, 'checkout', '--quiet', 'main');
const main = await commit(template, { Dockerfile: 'FROM main\n' });
const shas = { first, feature, main };

/** A repository of the test's own behind a server; `fetch` brings a location of it. */
async function startRepository(t: TestContext, options: GitServerOptions = {}) {
  const root = await temporaryDirectory(t);
  const repository = join(root, 'app');
  await cp(template, repository, { recursive: true });
  const { url, requests } = await serveGit(t, root, options);
  return {
    root,
    repository,
    url: `${url}/app/.git`,
    origin: url,
    requests,
    fetch: createFetch(root),
  };
}

const dockerfileIn = (directory: string) => readFileSync(join(directory, 'Dockerfile'), 'utf8');

test('a location without a ref is the default branch', async (t) => {
  const { url, fetch } = await startRepository(t);
  const fetched = await fetch(url);
  assert.equal(fetched.commit, shas.main);
  assert.equal(fetched.branch, 'main');
  assert.equal(fetched.contextDirectory, fetched.directory);
  assert.deepEqual(readdirSync(fetched.directory).sort(), ['Dockerfile', 'web'], 'without .git');
  assert.equal(dockerfileIn(fetched.directory), 'FROM main\n');
});

const refs: [name: string, ref: string, commit: string, branch?: string][] = [
  ['a branch', 'main', main, 'main'],
  ['a branch with a slash', 'feature/x', feature, 'feature/x'],
  ['a full ref', 'refs/heads/feature/x', feature, 'feature/x'],
  ['an annotated tag', 'v1', first],
  ['a commit that a branch ends with', main, main],
  ['a commit in the middle', first, first],
  ['a commit in upper case', first.toUpperCase(), first],
  ['a short commit', first.slice(0, 8), first],
];
for (const [name, ref, expected, branch] of refs) {
  test(`${name} is fetched`, async (t) => {
    const { url, fetch } = await startRepository(t);
    const fetched = await fetch(`${url}#${ref}`);
    assert.equal(fetched.commit, expected);
    assert.equal(fetched.branch, branch);
    const name = Object.entries(shas).find(([, sha]) => sha === expected)?.[0];
    assert.equal(dockerfileIn(fetched.contextDirectory), `FROM ${name}\n`);
  });
}

test('a server that gives out only what a ref names is asked for everything, if need be', async (t) => {
  const { url, fetch } = await startRepository(t, { isOld: true });
  for (const ref of ['main', first, first.slice(0, 8)]) {
    assert.equal((await fetch(`${url}#${ref}`)).commit, ref === 'main' ? main : first);
  }
});

test('a folder is the context', async (t) => {
  const { url, fetch } = await startRepository(t);
  for (const fragment of ['main:web', 'v1:web/', ':web', ':/web/.']) {
    const { contextDirectory, directory } = await fetch(`${url}#${fragment}`);
    assert.equal(contextDirectory, join(directory, 'web'), fragment);
    assert.equal(dockerfileIn(contextDirectory), 'FROM web\n');
  }
});

test('a folder that is a link inside of the repository is the folder that it leads to', async (t) => {
  const { url, fetch, repository } = await startRepository(t);
  await symlink('web', join(repository, 'link'));
  await commit(repository, {});
  const { contextDirectory, directory } = await fetch(`${url}#main:link`);
  assert.equal(contextDirectory, join(directory, 'web'));
});

test('a folder that is not there, a file, or a link to the outside is refused', async (t) => {
  const { url, fetch, repository } = await startRepository(t);
  await symlink('/etc', join(repository, 'absolute'));
  await symlink('../..', join(repository, 'web', 'climbing'));
  await symlink('loop', join(repository, 'loop'));
  await commit(repository, {});
  for (const [folder, message] of [
    ['nowhere', /the folder "nowhere" is not in the source/],
    ['web/nowhere', /the folder "web\/nowhere" is not in the source/],
    ['absolute', /"absolute" is not in the source/],
    ['absolute/ssl', /is not in the source/],
    ['web/climbing', /is not in the source/],
    ['loop', /is not in the source/],
    ['Dockerfile', /"Dockerfile" in the source is a file/],
    ['Dockerfile/x', /is not in the source/],
  ] as const) {
    await assert.rejects(fetch(`${url}#main:${folder}`), serviceError('SourceFetchFailed', message), folder);
  }
});

test('a ref or repository that is not there is named', async (t) => {
  const { url, fetch, origin } = await startRepository(t);
  const missingSha = '0123456789'.repeat(4);
  for (const [location, message] of [
    [`${url}#no-such-branch`, /the ref "no-such-branch".* not found/],
    [
      `${url}#${missingSha}`,
      new RegExp(`the commit ${missingSha} is not found: no branch or tag has it \\(any more\\)`),
    ],
    [`${url}#abcdef12`, /the ref "abcdef12".* not found/],
    [`${origin}/nothing/.git`, /nothing\/\.git: the repository.* not found/],
  ] as const) {
    await assert.rejects(fetch(location), serviceError('SourceFetchFailed', message), location);
  }
});

test('a host that does not answer is named', async (t) => {
  const { fetch } = await startRepository(t);
  await assert.rejects(
    fetch('http://127.0.0.1:1/x.git'),
    serviceError('SourceFetchFailed', /127\.0\.0\.1:1\/x\.git: the host cannot be reached/),
  );
});

test('an empty repository says so', async (t) => {
  const { root, origin, fetch } = await startRepository(t);
  await git(root, 'init', '--quiet', '--bare', 'empty/.git');
  await assert.rejects(
    fetch(`${origin}/empty/.git`),
    serviceError('SourceFetchFailed', /empty or has no default branch/),
  );
});

test('a private repository opens with its credential only, which shows up nowhere', async (t) => {
  const { url, fetch } = await startRepository(t, { auth: 'x-access-token:tok3n-s3cret' });
  const withToken = (token: string) => url.replace('http://', `http://${token}@`);
  const heard: string[] = [];
  const options = { onOutput: (line: string) => heard.push(line) };
  const fetched = await fetch(`${withToken('tok3n-s3cret')}#main`, options);
  assert.equal(fetched.commit, shas.main);
  assert.equal((await fetch(withToken('x-access-token:tok3n-s3cret'), options)).commit, shas.main);

  const without = serviceError('SourceFetchFailed', /needs a credential, or does not exist; give one/);
  await assert.rejects(fetch(url, options), without);
  const refused = await fetch(`${withToken('wr0ng-s3cret')}#main`, options).catch((error: unknown) => error);
  assert.ok(serviceError('SourceFetchFailed', /the server refuses the credential/)(refused));
  assert.doesNotMatch(inspect(refused, { depth: 9 }) + heard.join(), /s3cret/);
});

test('a redirect to another host does not take the credential along', async (t) => {
  const { root, fetch } = await startRepository(t);
  const thief = await serveGit(t, root, { auth: 'x-access-token:tok3n' });
  for (const isAfterAsking of [false, true]) {
    const { url } = await serve(t, (request, response) => {
      if (isAfterAsking && request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      } else response.writeHead(302, { location: thief.url + request.url }).end();
    });
    const location = `${url.replace('//', '//tok3n@')}/app/.git#main`;
    await assert.rejects(fetch(location), serviceError('SourceFetchFailed', /credential/));
  }
  assert.ok(thief.requests.length > 0);
  for (const { headers } of thief.requests) assert.equal(headers.authorization, undefined);
});

const credentials: [host: string, credential: string, user: string][] = [
  ['github.com', 'ghp_token', 'x-access-token'],
  ['dev.azure.com', 'pat', 'x-access-token'],
  ['gitlab.com', 'glpat-token', 'oauth2'],
  ['gitlab.example.com', 'glpat-token', 'oauth2'],
  ['bitbucket.org', 'token', 'x-token-auth'],
  ['gitea.example.com', 'token', 'x-access-token'],
  ['dev.azure.com', ':pat', ''],
  ['gitlab.com', 'gitlab-ci-token:job', 'gitlab-ci-token'],
];
for (const [host, credential, user] of credentials) {
  test(`${credential} at ${host} is shown with the user "${user}"`, () => {
    const shown = splitCredential(new Secret(credential), host);
    assert.deepEqual(shown, { user, password: credential.split(':').at(-1) });
  });
}

test('what the environment of the agent says to git is not heard', async (t) => {
  const { url, fetch } = await startRepository(t);
  const said: Record<string, string> = {
    GIT_DIR: '/nonexistent',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'url.http://127.0.0.1:1/.insteadOf',
    GIT_CONFIG_VALUE_0: 'http://',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_EXEC_PATH: '/nonexistent',
  };
  Object.assign(process.env, said);
  t.after(() => {
    for (const name of Object.keys(said)) Reflect.deleteProperty(process.env, name);
  });
  assert.equal((await fetch(url)).commit, shas.main);
});

test('hooks and configuration of a repository are not run', async (t) => {
  const { root, repository, url, fetch } = await startRepository(t);
  await commit(repository, {
    '.gitattributes': '* filter=evil\n',
    '.gitconfig': `[filter "evil"]\n\tsmudge = touch ${root}/pwned\n`,
    'hooks/post-checkout': `#!/bin/sh\ntouch ${root}/pwned\n`,
  });
  const { directory } = await fetch(url);
  assert.ok(existsSync(join(directory, 'hooks/post-checkout')));
  assert.ok(!existsSync(join(root, 'pwned')));
});

test('a repository that passes a limit is refused before a file is written', async (t) => {
  const { root, repository, url, fetch } = await startRepository(t);
  await commit(repository, { big: 'x'.repeat(10_000) });
  for (const [limits, message] of [
    [{ maxTotalBytes: 5000 }, /more than 5000 bytes; that is the limit \(maxTotalBytes\)/],
    [{ maxEntries: 2 }, /more than 2 files; that is the limit \(maxEntries\)/],
  ] as const) {
    await assert.rejects(fetch(url, { limits }), serviceError('SourceFetchFailed', message));
  }
  for (const directory of ['fetched-1', 'fetched-2']) {
    assert.deepEqual(readdirSync(join(root, directory)), ['.git']);
  }
  await fetch(url, { limits: { maxTotalBytes: 20_000, maxEntries: 3 } });
});

test('a fetch that is called off ends with its reason', async (t) => {
  const { url, fetch } = await startRepository(t);
  await assert.rejects(fetch(url, { signal: AbortSignal.abort(new Error('canceled')) }), /canceled/);
  const stopping = new AbortController();
  const fetching = fetch(url, { signal: stopping.signal });
  stopping.abort(new Error('canceled meanwhile'));
  await assert.rejects(fetching, /canceled meanwhile/);
});

test('the commit of a pull request from a fork, which no branch has', async (t) => {
  const root = await temporaryDirectory(t);
  const repository = join(root, 'repo');
  await createRepository(repository, { Dockerfile: 'FROM scratch\n' });
  for (const [index, ref] of ['pull/7/head', 'pull/8/merge', 'merge-requests/9/head'].entries()) {
    await git(repository, 'checkout', '--quiet', '--detach', 'main');
    const sha = await commit(repository, { 'of-the-fork': ref });
    const later = await commit(repository, { 'of-the-fork': 'later' });
    await git(repository, 'update-ref', `refs/${ref}`, later);
    await git(repository, 'checkout', '--quiet', 'main');
    for (const isOld of [false, true]) {
      const { url } = await serveGit(t, root, { isOld });
      const directory = join(root, `out-${index}-${isOld}`);
      const location = parseSourceLocation(`${url}/repo/.git#${sha}`);
      assert.equal(location.kind, 'git');
      const fetched = await fetchGit(location, directory);
      assert.equal(fetched.commit, sha);
      assert.equal(readFileSync(join(directory, 'of-the-fork'), 'utf8'), ref);
    }
  }
});
