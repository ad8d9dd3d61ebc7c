import type { Secret } from '../model/index.ts';
import type { HookMessage, HookRequest } from './event.ts';
import { readGithubLike } from './github.ts';
import { header } from './header.ts';
import { isSigned } from './signature.ts';

/** `X-Gitea-Signature`, of Forgejo `X-Forgejo-Signature`: HMAC-SHA256 in hex (docs.gitea.com, Webhooks). */
export function isFromGitea({ headers, body }: HookRequest, secret: Secret): boolean {
  const signature = header(headers, 'x-forgejo-signature') || header(headers, 'x-gitea-signature');
  return isSigned(body, signature, secret);
}

/** Gitea's and Forgejo's `push` and `pull_request`; Forgejo sends Gitea's headers beside its own. */
export function readGitea({ headers }: HookRequest, payload: unknown): HookMessage {
  const isForgejo = header(headers, 'x-forgejo-event') !== '';
  const prefix = isForgejo ? 'x-forgejo' : 'x-gitea';
  return {
    deliveryId: header(headers, `${prefix}-delivery`) || undefined,
    providerType: isForgejo ? 'Forgejo' : 'Gitea',
    ...readGithubLike(header(headers, `${prefix}-event`), payload),
  };
}
