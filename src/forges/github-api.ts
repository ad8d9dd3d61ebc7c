import type { Secret } from '../model/index.ts';
import { ask } from './ask.ts';
import { presenceOf, type Forge } from './forge.ts';
import { askForAll } from './pages.ts';
import { member, textOf } from './payload.ts';
import type { ForgeRepository } from './repository.ts';

/**
 * GitHub's REST API (docs.github.com, Repository webhooks and Commit statuses), of GitHub Enterprise Server
 * under `/api/v3`.
 */
export function githubForge({ hostname, origin, path }: ForgeRepository, token: Secret): Forge {
  const api = /^(www\.)?github\.com$/.test(hostname) ? 'https://api.github.com' : `${origin}/api/v3`;
  const repository = `${api}/repos/${path}`;
  const headers = { authorization: `Bearer ${token.reveal()}`, accept: 'application/vnd.github+json' };
  const hooks = { url: `${repository}/hooks?per_page=100`, fullPage: 100 };
  return githubLikeForge(repository, hooks, headers, (url, secret) => ({
    name: 'web',
    active: true,
    events: ['push', 'pull_request'],
    config: { url, secret: secret.reveal(), content_type: 'json', insecure_ssl: '0' },
  }));
}

/** Gitea's API is much the same. */
export function githubLikeForge(
  repository: string,
  hooks: { readonly url: string; readonly fullPage: number },
  headers: Readonly<Record<string, string>>,
  hookOf: (url: string, secret: Secret) => object,
): Forge {
  const find = async (url: string): Promise<{ id: string; isActive: boolean }[]> =>
    (await askForAll(hooks.url, headers, hooks.fullPage))
      .filter((hook) => textOf(hook, 'config', 'url') === url)
      .map((hook) => ({ id: textOf(hook, 'id'), isActive: member(hook, 'active') !== false }));
  return {
    async addHook(url, secret) {
      if ((await find(url)).length > 0) return;
      await ask({ method: 'POST', url: `${repository}/hooks`, headers, body: hookOf(url, secret) });
    },
    findHook: async (url) => presenceOf((await find(url)).map(({ isActive }) => isActive)),
    async removeHook(url) {
      for (const { id } of await find(url)) {
        await ask({ method: 'DELETE', url: `${repository}/hooks/${encodeURIComponent(id)}`, headers });
      }
    },
    async reportStatus({ commitId, state, context, description, targetUrl }) {
      const body = { state, context, description, target_url: targetUrl };
      await ask({ method: 'POST', url: `${repository}/statuses/${commitId}`, headers, body });
    },
  };
}
