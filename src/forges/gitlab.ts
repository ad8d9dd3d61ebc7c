import type { Secret } from '../model/index.ts';
import { forkOf, pullRequestOf, pushOf, type HookMessage, type HookRequest } from './event.ts';
import { header } from './header.ts';
import { member, textOf, textsOf } from './payload.ts';
import { isEqual } from './signature.ts';

const addresses = ['git_http_url', 'http_url', 'web_url', 'homepage', 'git_ssh_url', 'url'];

/** `X-Gitlab-Token` is the secret itself (docs.gitlab.com, Webhooks). */
export function isFromGitlab({ headers }: HookRequest, secret: Secret): boolean {
  return isEqual(header(headers, 'x-gitlab-token'), secret.reveal());
}

/** GitLab's push, tag push and merge request events (docs.gitlab.com, Webhook events). */
export function readGitlab({ headers }: HookRequest, payload: unknown): HookMessage {
  const about = textOf(payload, 'object_kind') || header(headers, 'x-gitlab-event');
  return {
    // the key stays the same when it is sent again; the UUID is older
    deliveryId: header(headers, 'idempotency-key') || header(headers, 'x-gitlab-event-uuid') || undefined,
    providerType: 'Gitlab',
    repositoryUrls: [
      ...textsOf(member(payload, 'project'), addresses),
      ...textsOf(member(payload, 'repository'), addresses),
    ],
    events: readEvents(about, payload),
    about,
  };
}

function readEvents(about: string, payload: unknown): HookMessage['events'] {
  if (about === 'push' || about === 'tag_push') return readPush(payload);
  return about === 'merge_request' ? readMergeRequest(payload) : [];
}

function readPush(payload: unknown): HookMessage['events'] {
  const after = textOf(payload, 'after');
  return pushOf(textOf(payload, 'ref'), textOf(payload, 'checkout_sha') || after, /^0*$/.test(after));
}

function readMergeRequest(payload: unknown): HookMessage['events'] {
  const attributes = member(payload, 'object_attributes');
  const action = textOf(attributes, 'action');
  // `oldrev` is there when the update brought commits
  const isChanged = action === 'update' && textOf(attributes, 'oldrev') !== '';
  const isBuilding = action === 'open' || action === 'reopen' || isChanged;
  return pullRequestOf({
    id: textOf(attributes, 'iid'),
    commitId: textOf(attributes, 'last_commit', 'id'),
    branch: textOf(attributes, 'target_branch'),
    outside: forkOf(
      textOf(attributes, 'target_project_id'),
      textOf(attributes, 'source_project_id'),
      textOf(attributes, 'source', 'path_with_namespace'),
    ),
    ignoredBecause: isBuilding
      ? undefined
      : action === 'update'
        ? 'the update of the merge request brought no commits'
        : `the merge request's action was ${action || 'not given'}`,
  });
}
