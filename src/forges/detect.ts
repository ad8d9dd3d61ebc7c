import type { ProviderType, Secret } from '../model/index.ts';
import { ask } from './ask.ts';
import { giteaHost } from './gitea-api.ts';
import { gitlabHost } from './gitlab-api.ts';
import { textOf } from './payload.ts';
import type { ForgeRepository } from './repository.ts';

/**
 * What a host is whose URL does not tell: the one that says its version as Gitea (Forgejo as well) or GitLab
 * does, else GitHub Enterprise Server. Whatever is amiss with the host, the call that follows says.
 */
export async function detectProvider(repository: ForgeRepository, token: Secret): Promise<ProviderType> {
  for (const [provider, { api, headers }] of [
    ['Gitea', giteaHost(repository, token)],
    ['Gitlab', gitlabHost(repository, token)],
  ] as const) {
    const answer = await ask({ method: 'GET', url: `${api}/version`, headers }).catch(() => undefined);
    if (textOf(answer, 'version') !== '') return provider;
  }
  return 'Github';
}
