import { forkOf, pullRequestOf, pushOf, type HookMessage, type HookRequest } from './event.ts';
import { header } from './header.ts';
import { member, textOf, textsOf } from './payload.ts';
import { isSigned } from './signature.ts';
import type { Secret } from '../model/index.ts';

/** Of a pull request: what brings commits to build. */
const building = ['opened', 'synchronize', 'synchronized', 'reopened'];
const addresses = ['clone_url', 'html_url', 'ssh_url', 'git_url'];

/** GitHub's `X-Hub-Signature-256: sha256=…` (docs.github.com, Validating webhook deliveries). */
export function isFromGithub({ headers, body }: HookRequest, secret: Secret): boolean {
  const [, signature = ''] = /^sha256=([0-9a-f]{64})$/i.exec(header(headers, 'x-hub-signature-256')) ?? [];
  return isSigned(body, signature, secret);
}

/** GitHub's `push`, `pull_request` and `ping` (docs.github.com, Webhook events and payloads). */
export function readGithub({ headers }: HookRequest, payload: unknown): HookMessage {
  const about = header(headers, 'x-github-event');
  const deliveryId = header(headers, 'x-github-delivery') || undefined;
  return { deliveryId, providerType: 'Github', ...readGithubLike(about, payload) };
}

/** Gitea and Forgejo send the same two payloads. */
export function readGithubLike(
  about: string,
  payload: unknown,
): Pick<HookMessage, 'repositoryUrls' | 'events' | 'about'> {
  const repositoryUrls = textsOf(member(payload, 'repository'), addresses);
  return { repositoryUrls, events: readEvents(about, payload), about };
}

function readEvents(about: string, payload: unknown): HookMessage['events'] {
  if (about === 'push') return readPush(payload);
  return about === 'pull_request' ? readPullRequest(payload) : [];
}

function readPush(payload: unknown): HookMessage['events'] {
  // `after` of an annotated tag is the tag object; the commit is in head_commit
  const ref = textOf(payload, 'ref');
  const after = textOf(payload, 'after');
  const isDeleted = member(payload, 'deleted') === true || /^0*$/.test(after);
  const head = ref.startsWith('refs/tags/') ? textOf(payload, 'head_commit', 'id') : '';
  return pushOf(ref, head || after, isDeleted);
}

function readPullRequest(payload: unknown): HookMessage['events'] {
  const action = textOf(payload, 'action');
  const isMerged = member(payload, 'pull_request', 'merged') === true;
  return pullRequestOf({
    id: textOf(payload, 'number') || textOf(payload, 'pull_request', 'number'),
    commitId: textOf(payload, 'pull_request', 'head', 'sha'),
    branch: textOf(payload, 'pull_request', 'base', 'ref'),
    outside: outsideOf(payload),
    ignoredBecause: building.includes(action)
      ? undefined
      : `the pull request was ${isMerged ? 'merged' : action.replaceAll('_', ' ')}`,
  });
}

/** `head.repo` is null when the fork was deleted. `fork` of it says nothing: the repository itself may be one. */
function outsideOf(payload: unknown): string | undefined {
  const head = member(payload, 'pull_request', 'head');
  const fork = forkOf(textOf(payload, 'repository', 'full_name'), textOf(head, 'repo', 'full_name'));
  // Gitea's AGit flow: whoever may read a repository may push to `refs/for/…` of it
  const isInBranch = !textOf(head, 'ref').startsWith('refs/pull/');
  return fork ?? (isInBranch ? undefined : 'no branch of the repository');
}
