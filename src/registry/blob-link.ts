import type { RegistryTokenService } from './token-service.ts';

/** What the credential of a link is for. No repository has such a name, so it is good for nothing else. */
export function blobLinkScope(repository: string, digest: string): string {
  return `blob:${repository}@${digest}`;
}

/** A URL under which a login server gives one blob to whoever has the URL, for a while. */
export async function signBlobLink(
  tokenService: RegistryTokenService,
  { name, loginServer }: { name: string; loginServer: string },
  blob: { repository: string; digest: string; ttlSeconds: number },
  now: Date,
): Promise<string> {
  const { repository, digest, ttlSeconds } = blob;
  const link = await tokenService.issueRegistryCredential(
    {
      registryName: name,
      subject: 'link',
      scopes: [{ repository: blobLinkScope(repository, digest), actions: ['read'] }],
      ttlSeconds,
    },
    now,
  );
  return `https://${loginServer}/v2/${repository}/blobs/${digest}?${new URLSearchParams({ link })}`;
}
