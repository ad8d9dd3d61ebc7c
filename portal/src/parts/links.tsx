import type { ReactNode } from 'react';
import type { SourceTriggerDescriptor } from '../api/types.ts';

/** A link to another site, where it is one of http(s): what the API tells is no more than text otherwise. */
export function OutLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const url = href === undefined ? null : URL.parse(href);
  if (!url || !isWeb(url)) return <>{children}</>;
  return (
    <a href={url.href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:';
}

/** A repository's page at its provider: no credential, branch or `.git`. */
function repositoryPage(repositoryUrl: string): string | undefined {
  const url = URL.parse(repositoryUrl);
  if (!url || !isWeb(url)) return undefined;
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`;
}

/** `github.com/acme/app`. */
export function repositoryName(repositoryUrl: string): string {
  const page = repositoryPage(repositoryUrl);
  return page === undefined ? repositoryUrl : page.replace(/^\w+:\/\//, '');
}

/** The provider's pages of what a source trigger tells of. */
export function sourceLinks({
  repositoryUrl,
  commitId,
  pullRequestId,
  providerType,
}: SourceTriggerDescriptor) {
  const repository = repositoryUrl === undefined ? undefined : repositoryPage(repositoryUrl);
  const at = (path: string): string | undefined => repository && `${repository}${path}`;
  const pull = {
    Github: 'pull',
    Gitlab: '-/merge_requests',
    VisualStudioTeamService: 'pullrequest',
  }[providerType ?? ''];
  return {
    repository,
    commit: at(`/${providerType === 'Gitlab' ? '-/commit' : 'commit'}/${commitId}`),
    pullRequest: at(`/${pull ?? 'pulls'}/${pullRequestId}`),
  };
}

/**
 * The provider of a task's repository, undefined where nobody said it: az says `VisualStudioTeamService` of all
 * that is not at github.com, but the paths of Azure DevOps have `_git`.
 */
export function declaredProvider(providerType: string, repositoryUrl: string): string | undefined {
  const isGuess = providerType === 'VisualStudioTeamService' && !/\/_git\//.test(repositoryUrl);
  return isGuess ? undefined : providerType;
}

/** Names of providers as people know them. */
export function providerName(providerType: string | undefined): string {
  const names: Readonly<Record<string, string>> = {
    Github: 'GitHub',
    Gitlab: 'GitLab',
    VisualStudioTeamService: 'Azure DevOps',
  };
  return names[providerType ?? ''] ?? providerType ?? 'the provider';
}
