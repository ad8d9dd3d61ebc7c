import { blobLinkScope, type RegistryTokenService } from '../../registry/index.ts';

interface LinkDeps {
  readonly registryName: string;
  readonly loginServer: string;
  readonly tokenService: RegistryTokenService;
  readonly now: () => Date;
}

const blobPath = /^\/v2\/(.+)\/blobs\/(sha256:[0-9a-f]{64})$/;

/**
 * The token for a request that comes by a signed link (`/v2/{repository}/blobs/{digest}?link=…`), for this
 * one blob; undefined for every other request.
 */
export async function linkToken(deps: LinkDeps, method: string, url: string): Promise<string | undefined> {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, repository = '', digest = ''] = blobPath.exec(pathname) ?? [];
  const link = searchParams.get('link');
  if (link === null || digest === '' || (method !== 'GET' && method !== 'HEAD')) return undefined;
  const now = deps.now();
  const credential = await deps.tokenService.verifyRegistryCredential(link, deps.registryName, now);
  const wanted = blobLinkScope(repository, digest);
  if (!credential?.scopes.some((scope) => scope.repository === wanted)) return undefined;
  return deps.tokenService.issueRegistryToken(
    {
      service: deps.loginServer,
      subject: credential.subject,
      access: [{ type: 'repository', name: repository, actions: ['pull'] }],
      ttlSeconds: 60,
    },
    now,
  );
}
