import { ServiceError, type Secret } from '../model/index.ts';
import { isFromAzureDevOps, readAzureDevOps } from './azure-devops.ts';
import type { HookMessage, HookRequest } from './event.ts';
import { isFromGitea, readGitea } from './gitea.ts';
import { isFromGithub, readGithub } from './github.ts';
import { isFromGitlab, readGitlab } from './gitlab.ts';
import { header } from './header.ts';

interface Format {
  readonly isAuthentic: (request: HookRequest, secret: Secret) => boolean;
  readonly read: (request: HookRequest, payload: unknown) => HookMessage;
}

/** Gitea and Forgejo send GitHub's headers as well: theirs count first. */
const formats: readonly (readonly [event: string, format: Format])[] = [
  ['x-forgejo-event', { isAuthentic: isFromGitea, read: readGitea }],
  ['x-gitea-event', { isAuthentic: isFromGitea, read: readGitea }],
  ['x-gitlab-event', { isAuthentic: isFromGitlab, read: readGitlab }],
  ['x-github-event', { isAuthentic: isFromGithub, read: readGithub }],
];
const azureDevOps: Format = { isAuthentic: isFromAzureDevOps, read: readAzureDevOps };

/**
 * What a webhook says, when it shows that it knows the secret. Whose it is its headers say: az names only two
 * providers, whatever the repository is at.
 * @throws ServiceError 401 `HookNotAuthentic`, before anything of the body is looked at; 400 `InvalidPayload`.
 */
export function readHook(request: HookRequest, secret: Secret): HookMessage {
  const { headers, body } = request;
  const [, format] = formats.find(([event]) => header(headers, event) !== '') ?? ['', azureDevOps];
  if (!format.isAuthentic(request, secret)) {
    const message =
      'the signature or secret of the webhook is not that of this URL; POST …/tasks/{task}/listWebhooks tells the secret';
    throw new ServiceError(401, 'HookNotAuthentic', message);
  }
  return format.read(request, parsePayload(headers, body));
}

/** JSON, also in the form field in which GitHub and Gitea can send it. */
function parsePayload(headers: HookRequest['headers'], body: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(header(headers, 'content-type'));
    const payload: unknown = JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
    if (typeof payload === 'object' && payload !== null) return payload;
  } catch {
    // it is said below
  }
  throw new ServiceError(400, 'InvalidPayload', 'the body of the webhook is no JSON object in UTF-8');
}
