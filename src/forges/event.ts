import type { ProviderType } from '../model/index.ts';

/** A webhook's request as it came in. Header names are in lower case. */
export interface HookRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The very bytes: signatures are over them. */
  readonly body: Uint8Array;
}

/** What a webhook says, in no provider's words. */
export interface HookMessage {
  /** As the provider numbers it; the same when it sends it again. Undefined when it gives none. */
  readonly deliveryId: string | undefined;
  /** As the specification calls the provider, or as we do. */
  readonly providerType: ProviderType;
  /** Every address that the provider knows for the repository. */
  readonly repositoryUrls: readonly string[];
  /** None for a ping and for what is neither a commit nor a pull request. */
  readonly events: readonly SourceEvent[];
  /** What it is, when there are no events: `ping`, `issues`. */
  readonly about: string;
}

/** One thing that happened to a repository. */
export interface SourceEvent {
  readonly kind: 'commit' | 'pullrequest';
  readonly commitId: string;
  /** That was pushed, or that the pull request is for. */
  readonly branch?: string;
  readonly tag?: string;
  readonly pullRequestId?: string;
  /** Where a pull request's commits are, when who made them need not be allowed to push: `the fork acme/app`. */
  readonly outside?: string;
  /** What makes it the same as another one, where the delivery's own id does not. */
  readonly sameAs?: string;
  /** Why it is nothing to build. */
  readonly ignoredBecause?: string;
}

/** The event of a ref that was pushed; undefined for a ref that is neither a branch nor a tag. */
export function pushOf(ref: string, commitId: string, isDeleted = /^0*$/.test(commitId)): SourceEvent[] {
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  if (kind === undefined) return [];
  const place = kind === 'heads' ? { branch: name } : { tag: name };
  const what = kind === 'heads' ? 'branch' : 'tag';
  if (isDeleted) return [{ kind: 'commit', commitId, ...place, ignoredBecause: `the ${what} was deleted` }];
  if (isCommitId(commitId)) return [{ kind: 'commit', commitId, ...place }];
  return [{ kind: 'commit', commitId: '', ...place, ignoredBecause: 'it names no commit' }];
}

/** A full SHA-1 or SHA-256 name: what is neither would be taken for a branch when the source is fetched. */
export function isCommitId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(text);
}

/**
 * Whether the commits of a pull request are in another repository than its own, and in which. A payload that
 * does not tell is taken for one of a fork.
 */
export function forkOf(own: string, head: string, headName = head): string | undefined {
  if (head === '') return 'a fork that was deleted';
  return head.toLowerCase() === own.toLowerCase() ? undefined : `the fork ${headName || head}`.slice(0, 300);
}

/** A pull request whose head is a commit, or why it is nothing to build. */
export function pullRequestOf(event: {
  readonly id: string;
  readonly commitId: string;
  readonly branch: string;
  readonly outside: string | undefined;
  readonly sameAs?: string;
  readonly ignoredBecause: string | undefined;
}): SourceEvent[] {
  const { id, commitId, branch, outside, sameAs } = event;
  const hasCommit = isCommitId(commitId);
  const ignoredBecause = event.ignoredBecause ?? (hasCommit ? undefined : 'it names no commit');
  return [
    {
      kind: 'pullrequest',
      commitId: hasCommit ? commitId : '',
      branch: branch.replace(/^refs\/heads\//, ''),
      pullRequestId: id,
      ...(outside !== undefined && { outside }),
      ...(sameAs !== undefined && { sameAs }),
      ...(ignoredBecause !== undefined && { ignoredBecause }),
    },
  ];
}
