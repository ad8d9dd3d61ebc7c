/** Who keeps a repository: the specification's words, and ours for those that it does not know. */
export const providerTypes = ['Github', 'VisualStudioTeamService', 'Gitlab', 'Gitea', 'Forgejo'] as const;
export type ProviderType = (typeof providerTypes)[number];

/** What becomes of pull requests from forks: anybody may open one, and a run has the rights of its task. */
export const forkPullRequests = ['hold', 'run'] as const;
export type ForkPullRequests = (typeof forkPullRequests)[number];
