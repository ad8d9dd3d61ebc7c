import type { Secret } from '../model/index.ts';
import { ask } from './ask.ts';
import { presenceOf, type Forge } from './forge.ts';
import { askForAll } from './pages.ts';
import { textOf } from './payload.ts';
import type { ForgeRepository } from './repository.ts';

const states = { pending: 'pending', success: 'success', failure: 'failed', error: 'failed' } as const;

/** GitLab's API (docs.gitlab.com, Project webhooks API and Commits API). */
export function gitlabForge(at: ForgeRepository, token: Secret): Forge {
  const { api, headers } = gitlabHost(at, token);
  const project = `${api}/projects/${encodeURIComponent(decodeURIComponent(at.path))}`;
  return {
    async addHook(url, secret) {
      if ((await find(url)).length > 0) return;
      const body = {
        url,
        token: secret.reveal(),
        push_events: true,
        tag_push_events: true,
        merge_requests_events: true,
        enable_ssl_verification: true,
      };
      await ask({ method: 'POST', url: `${project}/hooks`, headers, body });
    },
    findHook: async (url) => presenceOf((await find(url)).map(({ isActive }) => isActive)),
    async removeHook(url) {
      for (const { id } of await find(url)) {
        await ask({ method: 'DELETE', url: `${project}/hooks/${encodeURIComponent(id)}`, headers });
      }
    },
    async reportStatus({ commitId, state, context, description, targetUrl }) {
      const body = { state: states[state], name: context, description, target_url: targetUrl };
      await ask({ method: 'POST', url: `${project}/statuses/${commitId}`, headers, body });
    },
  };

  async function find(url: string): Promise<{ id: string; isActive: boolean }[]> {
    return (await askForAll(`${project}/hooks?per_page=100`, headers, 100))
      .filter((hook) => textOf(hook, 'url') === url)
      .map((hook) => ({ id: textOf(hook, 'id'), isActive: textOf(hook, 'alert_status') !== 'disabled' }));
  }
}

/** Where the API of the repository's host would be, were it a GitLab. */
export function gitlabHost({ origin }: ForgeRepository, token: Secret) {
  return { api: `${origin}/api/v4`, headers: { authorization: `Bearer ${token.reveal()}` } };
}
