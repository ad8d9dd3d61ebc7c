/** Who keeps a repository: the specification's words, and ours for those that it does not know. */
export const providerTypes = ['Github', 'VisualStudioTeamService', 'Gitlab', 'Gitea', 'Forgejo'] as const;
export type ProviderType = (typeof providerTypes)[number];
