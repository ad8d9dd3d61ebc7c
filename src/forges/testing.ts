import { createHmac, randomUUID } from 'node:crypto';
import type { ProviderType } from '../model/index.ts';
import type { HookRequest } from './event.ts';

export const noCommit = '0'.repeat(40);

export interface Pushed {
  readonly repositoryUrl: string;
  readonly ref: string;
  readonly before?: string;
  readonly after: string;
}

/** What a provider sends of a push, as its documentation shows it, with the members that tell events apart. */
export function pushPayload(provider: ProviderType, pushed: Pushed): object {
  const { repositoryUrl: url, ref, before = noCommit, after } = pushed;
  const isDeleted = after === noCommit;
  switch (provider) {
    case 'Gitlab':
      return {
        object_kind: ref.startsWith('refs/tags/') ? 'tag_push' : 'push',
        event_name: ref.startsWith('refs/tags/') ? 'tag_push' : 'push',
        before,
        after,
        ref,
        checkout_sha: isDeleted ? null : after,
        project: { id: 15, web_url: url.replace(/\.git$/, ''), git_http_url: url },
        commits: [],
        total_commits_count: 1,
      };
    case 'VisualStudioTeamService':
      return {
        subscriptionId: randomUUID(),
        notificationId: 3,
        id: randomUUID(),
        eventType: 'git.push',
        publisherId: 'tfs',
        resource: {
          commits: [{ commitId: after }],
          refUpdates: [{ name: ref, oldObjectId: before, newObjectId: after }],
          repository: { id: randomUUID(), name: 'app', remoteUrl: url, defaultBranch: 'refs/heads/main' },
          pushId: 14,
        },
      };
    default:
      return {
        ref,
        before,
        after,
        ...(provider === 'Github' && { created: before === noCommit, deleted: isDeleted, forced: false }),
        head_commit: isDeleted ? null : { id: after },
        repository: { full_name: 'acme/app', html_url: url.replace(/\.git$/, ''), clone_url: url },
        pusher: { name: 'somebody' },
      };
  }
}

export interface ChangedPullRequest {
  readonly repositoryUrl: string;
  readonly id: number;
  readonly commitId: string;
  readonly base: string;
  /** The fork that it is from; null for one that was deleted. */
  readonly fork?: string | null;
  readonly change: 'opened' | 'changed' | 'reopened' | 'closed' | 'labeled';
}

/** What a provider sends of a pull request. */
export function pullRequestPayload(provider: ProviderType, changed: ChangedPullRequest): object {
  const { repositoryUrl: url, id, commitId, base, fork, change } = changed;
  switch (provider) {
    case 'Gitlab':
      return {
        object_kind: 'merge_request',
        project: { id: 15, web_url: url.replace(/\.git$/, ''), git_http_url: url },
        object_attributes: {
          iid: id,
          target_branch: base,
          source_branch: 'topic',
          target_project_id: 15,
          source_project_id: fork === undefined ? 15 : fork && 99,
          source: fork === null ? null : { path_with_namespace: fork ?? 'acme/app' },
          last_commit: { id: commitId },
          action: {
            opened: 'open',
            changed: 'update',
            reopened: 'reopen',
            closed: 'close',
            labeled: 'update',
          }[change],
          ...(change === 'changed' && { oldrev: noCommit.replace('0', '1') }),
        },
      };
    case 'VisualStudioTeamService':
      return {
        subscriptionId: randomUUID(),
        id: randomUUID(),
        eventType: change === 'opened' ? 'git.pullrequest.created' : 'git.pullrequest.updated',
        resource: {
          pullRequestId: id,
          status: change === 'closed' ? 'completed' : 'active',
          sourceRefName: 'refs/heads/topic',
          targetRefName: `refs/heads/${base}`,
          ...(fork !== undefined && {
            forkSource: fork === null ? {} : { repository: { id: randomUUID(), name: fork } },
          }),
          lastMergeSourceCommit: { commitId },
          repository: { id: randomUUID(), name: 'app', remoteUrl: url },
        },
      };
    default:
      return {
        action: change === 'changed' ? (provider === 'Github' ? 'synchronize' : 'synchronized') : change,
        number: id,
        pull_request: {
          number: id,
          merged: change === 'closed',
          head: {
            ref: 'topic',
            sha: commitId,
            repo: fork === null ? null : { full_name: fork ?? 'acme/app', fork: fork !== undefined },
          },
          base: { ref: base },
        },
        repository: { full_name: 'acme/app', html_url: url.replace(/\.git$/, ''), clone_url: url },
      };
  }
}

/** The request with which a provider sends a payload, signed as it signs. */
export function hookRequest(
  provider: ProviderType,
  payload: object | string,
  { secret, event, id = randomUUID() }: { secret: string; event?: string; id?: string },
): HookRequest & { readonly headers: Record<string, string> } {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const body = Buffer.from(text);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const name = event ?? (text.includes('"pull_request"') ? 'pull_request' : 'push');
  const type = { 'content-type': 'application/json' };
  const github = {
    'x-github-event': name,
    'x-github-delivery': id,
    'x-hub-signature-256': `sha256=${signature}`,
  };
  const gitea = { 'x-gitea-event': name, 'x-gitea-delivery': id, 'x-gitea-signature': signature };
  const headers: Record<ProviderType, Record<string, string>> = {
    Github: github,
    Gitea: { ...github, ...gitea },
    Forgejo: {
      ...github,
      ...gitea,
      'x-forgejo-event': name,
      'x-forgejo-delivery': id,
      'x-forgejo-signature': signature,
    },
    Gitlab: { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': secret, 'idempotency-key': id },
    VisualStudioTeamService: {
      authorization: `Basic ${Buffer.from(`slipway:${secret}`).toString('base64')}`,
    },
  };
  return { headers: { ...type, ...headers[provider] }, body };
}
