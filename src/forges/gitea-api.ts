import type { Secret } from '../model/index.ts';
import type { Forge } from './forge.ts';
import { githubLikeForge } from './github-api.ts';
import type { ForgeRepository } from './repository.ts';

/** Gitea's and Forgejo's API (`/api/swagger` of an instance), which may live below a path of its host. */
export function giteaForge({ origin, path }: ForgeRepository, token: Secret): Forge {
  const parts = path.split('/');
  const base = [origin, ...parts.slice(0, -2)].join('/');
  const repository = `${base}/api/v1/repos/${parts.slice(-2).join('/')}`;
  const headers = { authorization: `token ${token.reveal()}` };
  return githubLikeForge(repository, `${repository}/hooks?limit=50`, headers, (url, secret) => ({
    type: 'gitea',
    active: true,
    events: ['push', 'pull_request', 'pull_request_sync'],
    config: { url, content_type: 'json', secret: secret.reveal() },
  }));
}
