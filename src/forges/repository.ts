import { ServiceError, type ProviderType } from '../model/index.ts';

/** A repository at a provider, taken from its URL. */
export interface ForgeRepository {
  /** Undefined where its host has to be asked. */
  readonly provider: ProviderType | undefined;
  readonly origin: string;
  readonly hostname: string;
  /** Below the origin, without slashes around and `.git`, as it is in the URL. */
  readonly path: string;
}

/**
 * Where the repository's API is: always the host of its own URL, so that the token goes nowhere else.
 * @throws ServiceError 400 `InvalidRepositoryUrl`
 */
export function forgeRepository(type: ProviderType, repositoryUrl: string): ForgeRepository {
  const url = URL.parse(withScheme(repositoryUrl).replace(/#.*$/s, ''));
  const path = url?.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/i, '') ?? '';
  if (!url || !/^https?:$/.test(url.protocol) || path === '') {
    const message = 'the repositoryUrl of the trigger is no http(s) URL of a repository';
    throw new ServiceError(400, 'InvalidRepositoryUrl', message);
  }
  return { provider: providerOf(type, url.hostname, path), origin: url.origin, hostname: url.hostname, path };
}

/**
 * az knows two providers: it says `VisualStudioTeamService` of all that is not at github.com. Well-known hosts
 * say what they are, and paths without `_git` that they are not of Azure DevOps.
 */
function providerOf(type: ProviderType, hostname: string, path: string): ProviderType | undefined {
  const isGuess = type === 'Github' || (type === 'VisualStudioTeamService' && !/(^|\/)_git\//.test(path));
  if (!isGuess) return type;
  if (/^gitlab\./.test(hostname)) return 'Gitlab';
  if (/^gitea\./.test(hostname)) return 'Gitea';
  if (/^forgejo\./.test(hostname) || hostname === 'codeberg.org') return 'Forgejo';
  return /(^|\.)github\.com$/.test(hostname) ? 'Github' : undefined;
}

function withScheme(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `https://${url}`;
}
