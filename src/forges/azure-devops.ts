import type { Secret } from '../model/index.ts';
import { pullRequestOf, pushOf, type HookMessage, type HookRequest } from './event.ts';
import { header } from './header.ts';
import { listOf, member, textOf, textsOf } from './payload.ts';
import { isEqual } from './signature.ts';

/** Basic authentication with the secret as the password; the user does not count (RFC 7617). */
export function isFromAzureDevOps({ headers }: HookRequest, secret: Secret): boolean {
  const [, encoded = ''] = /^Basic ([a-z0-9+/]+=*)$/i.exec(header(headers, 'authorization')) ?? [];
  const credential = Buffer.from(encoded, 'base64').toString();
  return isEqual(credential.slice(credential.indexOf(':') + 1), secret.reveal());
}

/** Service hooks `git.push` and `git.pullrequest.*` (learn.microsoft.com, Service hooks events). */
export function readAzureDevOps(_request: HookRequest, payload: unknown): HookMessage {
  const about = textOf(payload, 'eventType');
  const resource = member(payload, 'resource');
  const id = textOf(payload, 'id');
  return {
    // the id is that of the event, which each subscription gets
    deliveryId: id === '' ? undefined : `${id} ${textOf(payload, 'subscriptionId')}`.trim(),
    providerType: 'VisualStudioTeamService',
    repositoryUrls: textsOf(member(resource, 'repository'), ['remoteUrl', 'webUrl', 'sshUrl']),
    events: readEvents(about, resource),
    about,
  };
}

function readEvents(about: string, resource: unknown): HookMessage['events'] {
  if (about === 'git.push') {
    return listOf(resource, 'refUpdates').flatMap((update) =>
      pushOf(textOf(update, 'name'), textOf(update, 'newObjectId')),
    );
  }
  if (about !== 'git.pullrequest.created' && about !== 'git.pullrequest.updated') return [];
  const id = textOf(resource, 'pullRequestId');
  const commitId = textOf(resource, 'lastMergeSourceCommit', 'commitId');
  const status = textOf(resource, 'status');
  return pullRequestOf({
    id,
    commitId,
    branch: textOf(resource, 'targetRefName'),
    outside: outsideOf(resource),
    // votes and titles are updates, too
    sameAs: `pull request ${id} at ${commitId}`,
    ignoredBecause: status === 'active' ? undefined : `the pull request is ${status || 'in no state'}`,
  });
}

/** `forkSource` is there for pull requests of forks only (learn.microsoft.com, GitPullRequest). */
function outsideOf(resource: unknown): string | undefined {
  const source = member(resource, 'forkSource');
  if (source === undefined) return undefined;
  const repository = member(source, 'repository');
  const name = textOf(repository, 'remoteUrl') || textOf(repository, 'name') || textOf(repository, 'id');
  return name === '' ? 'a fork that was deleted' : `the fork ${name}`.slice(0, 300);
}
