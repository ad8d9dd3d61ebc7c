import type { Secret } from '../model/index.ts';
import type { Forge } from './forge.ts';
import { githubLikeForge } from './github-api.ts';
import type { ForgeRepository } from './repository.ts';

/** Gitea's and Forgejo's API (`/api/swagger` of an instance), which may live below a path of its host. */
export function giteaForge(at: ForgeRepository, token: Secret): Forge {
  const { api, headers } = giteaHost(at, token);
  const repository = `${api}/repos/${at.path.split('/').slice(-2).join('/')}`;
  // an instance may give less than was asked for (`MAX_RESPONSE_ITEMS`): only an empty page is the last
  const hooks = { url: `${repository}/hooks?limit=50`, fullPage: 1 };
  return githubLikeForge(repository, hooks, headers, (url, secret) => ({
    type: 'gitea',
    active: true,
    events: ['push', 'pull_request', 'pull_request_sync'],
    config: { url, content_type: 'json', secret: secret.reveal() },
  }));
}

/** Where the API of the repository's host would be, were it a Gitea. */
export function giteaHost({ origin, path }: ForgeRepository, token: Secret) {
  const base = [origin, ...path.split('/').slice(0, -2)].join('/');
  return { api: `${base}/api/v1`, headers: { authorization: `token ${token.reveal()}` } };
}
