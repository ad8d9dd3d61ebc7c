import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { command } from './server.ts';

export interface GitServer {
  /** `http://127.0.0.1:port/repo.git` */
  readonly url: string;
  /** Commits these files on a branch, made from `main` when it is new. */
  commit(branch: string, files: Record<string, string>): Promise<void>;
  /** URL of a tar.gz of a tree such as `branch:folder`. */
  tarball(tree: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * A real repository served over HTTP by git's own backend, and archives of it; with a `token`, only to who
 * shows it as a password.
 */
export async function serveGit({ token }: { token?: string } = {}): Promise<GitServer> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'slipway-git-'));
  const bare = path.join(root, 'repo.git');
  const work = path.join(root, 'work');
  const git = async (...args: string[]): Promise<string> => {
    const identity = [
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.org',
      '-c',
      'init.defaultBranch=main',
    ];
    const result = await command('git', [...identity, ...args], { GIT_CONFIG_GLOBAL: '/dev/null' }, root);
    if (result.code !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  await git('init', '-q', '--bare', bare);
  await git('clone', '-q', bare, work);
  await git('-C', work, 'commit', '-q', '--allow-empty', '-m', 'begin');
  await git('-C', work, 'push', '-q', 'origin', 'HEAD:main');
  const tarballs = path.join(root, 'tarballs');
  await mkdir(tarballs);

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (token !== undefined && passwordIn(request) !== token) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    if (url.pathname.startsWith('/tarballs/'))
      return sendFile(path.join(root, path.normalize(url.pathname)), response);
    runBackend(root, url, request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/repo.git`,
    async commit(branch, files) {
      await git('-C', work, 'checkout', '-q', '-B', branch);
      for (const [name, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(work, name)), { recursive: true });
        await writeFile(path.join(work, name), text);
      }
      await git('-C', work, 'add', '-A');
      await git('-C', work, 'commit', '-q', '-m', `change ${branch}`);
      await git('-C', work, 'push', '-q', 'origin', branch);
    },
    async tarball(tree) {
      const name = `${Date.now()}.tar.gz`;
      await git('-C', work, 'archive', '-o', path.join(tarballs, name), tree);
      return `${origin}/tarballs/${name}`;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The password of Basic authentication (RFC 7617), or the user when it stands alone. */
export function passwordIn({ headers }: IncomingMessage): string | undefined {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? [];
  const [user, password] = Buffer.from(encoded, 'base64').toString().split(':');
  return password || user;
}

function sendFile(file: string, response: ServerResponse): void {
  const child = spawn('cat', ['--', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.pipe(response);
}

/** One request of the smart HTTP protocol through `git http-backend` (CGI, RFC 3875). */
export function runBackend(root: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
  });
  request.pipe(child.stdin);
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    const rest = head.subarray(end + 4);
    head = undefined;
    response.write(rest);
  });
  child.stdout.on('end', () => response.end());
}
