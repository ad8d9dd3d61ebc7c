import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import type { ProviderType } from '../../src/model/index.ts';
import { createLfsStore } from '../../src/sources/testing-lfs.ts';
import { passwordIn, runBackend } from './git-server.ts';
import { must } from './server.ts';

/** What the repository's post-receive hook goes by. */
export interface ForgeState {
  readonly provider: ProviderType;
  readonly url: string;
  readonly caFile: string;
  readonly webhooks: readonly { readonly url: string; readonly secret: string }[];
}

interface ApiHook {
  readonly id: number;
  readonly url: string;
  readonly secret: string;
  /** As it was sent. */
  readonly body: unknown;
}

/** What its API answers instead, to requests of one method or to all. */
interface Refusal {
  readonly status: number;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

export interface ForgeStatus {
  readonly commitId: string;
  readonly state: string;
  readonly context?: string;
  readonly targetUrl?: string;
}

const repositories: Readonly<Record<ProviderType, string>> = {
  Github: 'acme/app.git',
  Gitlab: 'group/sub/app.git',
  Gitea: 'acme/app.git',
  Forgejo: 'acme/app.git',
  VisualStudioTeamService: 'acme/project/_git/app',
};
const apis: Readonly<Record<ProviderType, string>> = {
  Github: '/api/v3/',
  Gitlab: '/api/v4/',
  Gitea: '/api/v1/',
  Forgejo: '/api/v1/',
  VisualStudioTeamService: '/_apis/',
};
const commitIn = /\/(?:statuses|commits)\/([0-9a-f]{40})(?:\/statuses)?$/;

/**
 * A provider of source control: a real repository over HTTP that real pushes go to, webhooks that fire when
 * they do, and the part of the provider's REST API for webhooks and commit statuses. All of it wants `token`.
 */
export async function startForge(provider: ProviderType, token: string, caFile: string) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'slipway-forge-'));
  const name = repositories[provider];
  const bare = path.join(root, 'repositories', name);
  const work = path.join(root, 'work');
  const hooks: ApiHook[] = [];
  const statuses: ForgeStatus[] = [];
  const lfs = createLfsStore();
  let refusal: Refusal | undefined;
  let lastId = 0;

  const git = (...args: string[]): Promise<string> =>
    must('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
    });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!knowsToken(request, token)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end();
    } else if (/\/(api\/v[134]|_apis)\//.test(url.pathname)) {
      void answerApi(request, url).then(
        ([status, body, headers]) => response.writeHead(status, headers).end(body && JSON.stringify(body)),
        (error: Error) => response.writeHead(500).end(error.message),
      );
    } else if (!lfs.handle(request, response))
      runBackend(path.join(root, 'repositories'), url, request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}/${name}`;

  const writeState = async (): Promise<void> => {
    const state: ForgeState = { provider, url, caFile, webhooks: hooks.filter(isForPushes) };
    await writeFile(path.join(bare, 'forge.json'), JSON.stringify(state));
  };

  async function answerApi(
    request: IncomingMessage,
    { pathname, searchParams }: URL,
  ): Promise<[status: number, body?: object | undefined, headers?: Record<string, string> | undefined]> {
    if (refusal && (refusal.method ?? request.method) === request.method)
      return [refusal.status, undefined, refusal.headers];
    if (!pathname.includes(apis[provider])) return [404];
    if (pathname.endsWith('/version')) return [200, { version: '1.0' }];
    const body = request.method === 'POST' ? ((await json(request)) as Record<string, never>) : undefined;
    const commitId = commitIn.exec(pathname)?.[1];
    if (commitId !== undefined && body) {
      const { state, target_url, targetUrl = target_url, context, name: own = context } = body;
      statuses.push({ commitId, state, context: own, targetUrl } as unknown as ForgeStatus);
      return [201, {}];
    }
    if (/\/repositories\/app$/.test(pathname)) return [200, { id: 'repo-id', project: { id: 'project-id' } }];
    const [, id] = /\/(?:hooks|subscriptions)\/(\d+)$/.exec(pathname) ?? [];
    if (request.method === 'DELETE') {
      const at = hooks.findIndex((each) => each.id === Number(id));
      if (at < 0) return [404];
      hooks.splice(at, 1);
      await writeState();
      return [204];
    }
    if (!/\/(hooks|subscriptions)$/.test(pathname)) return [404];
    if (body) {
      const { url: given = '', token: plain = '', config = {}, consumerInputs = {} } = body as ApiHookBody;
      lastId += 1;
      hooks.push({
        id: lastId,
        url: given || config.url || consumerInputs.url || '',
        secret: plain || config.secret || consumerInputs.basicAuthPassword || '',
        body,
      });
      await writeState();
      return [201, { id: lastId }];
    }
    const all = hooks.map((each) => ({ ...(each.body as object), id: each.id }));
    if (provider === 'VisualStudioTeamService') return [200, { value: all }];
    // Gitea as it comes gives 50 at most, and so do we all
    const size = Math.min(50, Number(searchParams.get('per_page') ?? searchParams.get('limit') ?? 30));
    const start = (Number(searchParams.get('page') ?? 1) - 1) * size;
    return [200, all.slice(start, start + size)];
  }

  await mkdir(path.dirname(bare), { recursive: true });
  await git('init', '-q', '--bare', '-b', 'main', bare);
  await git('-C', bare, 'config', 'http.receivepack', 'true');
  const script = path.join(import.meta.dirname, 'post-receive.ts');
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', script, bare];
  const hook = `#!/bin/sh\nexec ${command.map((each) => `'${each}'`).join(' ')}\n`;
  await writeFile(path.join(bare, 'hooks', 'post-receive'), hook, { mode: 0o755 });
  await writeState();
  await git('init', '-q', '-b', 'main', work);
  const pushUrl = url.replace('://', `://x:${token}@`);

  return {
    url,
    hooks,
    statuses,
    /** Its Git LFS. */
    lfs,
    /** Has its API answer that status from now on. */
    refuse: (status: number | undefined, more: Omit<Refusal, 'status'> = {}) =>
      (refusal = status === undefined ? undefined : { status, ...more }),
    /** What somebody does to its webhooks by hand. */
    async changeHooks(change: (hooks: ApiHook[]) => void): Promise<void> {
      change(hooks);
      await writeState();
    },
    /** Commits these files on a branch of the clone. @returns the commit. */
    async commit(branch: string, files: Record<string, string>): Promise<string> {
      await git('-C', work, 'checkout', '-q', '-B', branch);
      for (const [file, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(work, file)), { recursive: true });
        await writeFile(path.join(work, file), text);
      }
      await git('-C', work, 'add', '-A');
      await git('-C', work, 'commit', '-q', '--allow-empty', '-m', `change ${branch}`);
      return (await git('-C', work, 'rev-parse', 'HEAD')).trim();
    },
    /** Records a submodule at that commit; `.gitmodules` is up to the next commit. */
    async addSubmodule(folder: string, sha: string): Promise<void> {
      await mkdir(path.join(work, folder), { recursive: true });
      await git('-C', work, 'update-index', '--add', '--cacheinfo', `160000,${sha},${folder}`);
    },
    tag: (tag: string) => git('-C', work, 'tag', tag),
    /** A real `git push` over HTTP. */
    push: (...refspecs: string[]) => git('-C', work, 'push', '-q', '-f', pushUrl, ...refspecs),
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(root, { recursive: true, force: true });
    },
  };
}

export type TestForge = Awaited<ReturnType<typeof startForge>>;

interface ApiHookBody {
  readonly url?: string;
  readonly token?: string;
  readonly config?: { readonly url?: string; readonly secret?: string };
  readonly consumerInputs?: { readonly url?: string; readonly basicAuthPassword?: string };
}

/** Azure DevOps has a subscription for each kind of event. */
function isForPushes({ body }: ApiHook): boolean {
  const { eventType = 'git.push' } = body as { eventType?: string };
  return eventType === 'git.push';
}

function knowsToken(request: IncomingMessage, token: string): boolean {
  const { authorization = '' } = request.headers;
  return (
    authorization === `Bearer ${token}` || authorization === `token ${token}` || passwordIn(request) === token
  );
}
