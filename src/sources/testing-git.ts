// Real repositories behind git's own http server, for the tests of this room.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { fetchGit, parseSourceLocation, type FetchedGit, type FetchGitOptions } from './index.ts';
import { serve } from './testing.ts';
import type { LfsStore } from './testing-lfs.ts';

const execFileAsync = promisify(execFile);

/** Runs git as an author with no configuration of the machine's. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const who = { NAME: 'A', EMAIL: 'a@example.com', DATE: '2024-01-01T00:00:00Z' };
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  for (const [key, value] of Object.entries(who)) {
    env[`GIT_AUTHOR_${key}`] = value;
    env[`GIT_COMMITTER_${key}`] = value;
  }
  const { stdout } = await execFileAsync('git', args, { cwd, env });
  return stdout.trim();
}

/** Makes a repository with one commit of `files` on `main`. */
export async function createRepository(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  await git(directory, 'init', '--quiet', '-b', 'main');
  return commit(directory, files);
}

/** Commits `files` and answers the sha. */
export async function commit(directory: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  await git(directory, 'add', '--all');
  await git(directory, 'commit', '--quiet', '--allow-empty', '-m', 'x');
  return git(directory, 'rev-parse', 'HEAD');
}

/** Adds a submodule to the index by hand, with any URL. */
export async function addSubmodule(directory: string, path: string, url: string, sha: string): Promise<void> {
  await writeFile(
    join(directory, '.gitmodules'),
    `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`,
  );
  await git(directory, 'add', '.gitmodules');
  await git(directory, 'update-index', '--add', '--cacheinfo', `160000,${sha},${path}`);
  await git(directory, 'commit', '--quiet', '-m', 'submodule');
}

export interface GitServerOptions {
  /** `user:password` that it asks for. */
  readonly auth?: string;
  /** Speaks the old protocol, which gives out only what a ref names. */
  readonly isOld?: boolean;
  /** Answers requests for Git LFS. */
  readonly lfs?: LfsStore;
}

/** Serves the repositories below `root` (`/name/.git`) with git-http-backend(1). */
export async function serveGit(
  t: TestContext,
  root: string,
  options: GitServerOptions = {},
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const backend = join(await git(root, '--exec-path'), 'git-http-backend');
  const requests: IncomingMessage[] = [];
  const { url } = await serve(t, (request, response) => {
    requests.push(request);
    const expected = options.auth && `Basic ${Buffer.from(options.auth).toString('base64')}`;
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    if (options.lfs?.handle(request, response)) return;
    runBackend(backend, root, options, request, response);
  });
  return { url, requests };
}

function runBackend(
  backend: string,
  root: string,
  options: GitServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [path, query] = (request.url ?? '').split('?');
  const cgi = spawn(backend, {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: path,
      QUERY_STRING: query ?? '',
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: options.isOld ? '' : String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(cgi.stdin).on('error', () => undefined);
  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    cgi.stdout.off('data', onHead);
    let status = 200;
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name.toLowerCase() === 'status') status = parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status).write(head.subarray(end + 4));
    cgi.stdout.pipe(response);
  };
  cgi.stdout.on('data', onHead).on('end', () => response.end());
}

/** Brings a location into a new directory below `root`. */
export function createFetch(root: string) {
  let fetches = 0;
  return async (
    location: string,
    options: FetchGitOptions = {},
  ): Promise<FetchedGit & { directory: string }> => {
    const parsed = parseSourceLocation(location);
    assert.ok(parsed.kind === 'git', `${location} is a git location`);
    const directory = join(root, `fetched-${(fetches += 1)}`);
    return { ...(await fetchGit(parsed, directory, options)), directory };
  };
}
