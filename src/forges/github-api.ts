import type { Secret } from '../model/index.ts';
import { ask } from './ask.ts';
import type { Forge } from './forge.ts';
import { listOf, textOf } from './payload.ts';
import type { ForgeRepository } from './repository.ts';

/**
 * GitHub's REST API (docs.github.com, Repository webhooks and Commit statuses), of GitHub Enterprise Server
 * under `/api/v3`. A repository has at most 20 hooks for an event: one page of 100 are all.
 */
export function githubForge({ hostname, origin, path }: ForgeRepository, token: Secret): Forge {
  const api = /^(www\.)?github\.com$/.test(hostname) ? 'https://api.github.com' : `${origin}/api/v3`;
  const repository = `${api}/repos/${path}`;
  const headers = { authorization: `Bearer ${token.reveal()}`, accept: 'application/vnd.github+json' };
  return githubLikeForge(repository, `${repository}/hooks?per_page=100`, headers, (url, secret) => ({
    name: 'web',
    active: true,
    events: ['push', 'pull_request'],
    config: { url, secret: secret.reveal(), content_type: 'json', insecure_ssl: '0' },
  }));
}

/** Gitea's API is much the same. */
export function githubLikeForge(
  repository: string,
  hooksUrl: string,
  headers: Readonly<Record<string, string>>,
  hookOf: (url: string, secret: Secret) => object,
): Forge {
  const findIds = async (url: string): Promise<string[]> => {
    const hooks = await ask({ method: 'GET', url: hooksUrl, headers });
    return listOf(hooks).flatMap((hook) =>
      textOf(hook, 'config', 'url') === url ? [textOf(hook, 'id')] : [],
    );
  };
  return {
    async addHook(url, secret) {
      if ((await findIds(url)).length > 0) return;
      await ask({ method: 'POST', url: `${repository}/hooks`, headers, body: hookOf(url, secret) });
    },
    async removeHook(url) {
      for (const id of await findIds(url)) {
        await ask({ method: 'DELETE', url: `${repository}/hooks/${encodeURIComponent(id)}`, headers });
      }
    },
    async reportStatus({ commitId, state, context, description, targetUrl }) {
      const body = { state, context, description, target_url: targetUrl };
      await ask({ method: 'POST', url: `${repository}/statuses/${commitId}`, headers, body });
    },
  };
}
