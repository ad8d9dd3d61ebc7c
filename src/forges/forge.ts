import type { ProviderType, Secret } from '../model/index.ts';
import { azureDevOpsForge } from './azure-devops-api.ts';
import { detectProvider } from './detect.ts';
import { giteaForge } from './gitea-api.ts';
import { githubForge } from './github-api.ts';
import { gitlabForge } from './gitlab-api.ts';
import { forgeRepository, type ForgeRepository } from './repository.ts';

/** Where a run stands, as commits show it. */
export type CommitState = 'pending' | 'success' | 'failure' | 'error';

export interface CommitStatus {
  readonly commitId: string;
  readonly state: CommitState;
  /** Which of a commit's statuses it is. */
  readonly context: string;
  readonly description: string;
  readonly targetUrl: string;
}

/** Whether a provider has a hook; one that is `Inactive` is switched off there. */
export type HookPresence = 'Active' | 'Inactive' | 'None';

/** What we ask of a provider, for one repository. @throws ServiceError from every call; see `ask`. */
export interface Forge {
  /** Has it send commits and pull requests to the URL; does nothing when it does so already. */
  addHook(url: string, secret: Secret): Promise<void>;
  /** Whether it does so. */
  findHook(url: string): Promise<HookPresence>;
  /** Ends that; does nothing when there is no such hook. */
  removeHook(url: string): Promise<void>;
  reportStatus(status: CommitStatus): Promise<void>;
}

/** The API of the provider at which a repository is. @throws ServiceError 400 `InvalidRepositoryUrl`. */
export async function openForge(type: ProviderType, repositoryUrl: string, token: Secret): Promise<Forge> {
  const repository = forgeRepository(type, repositoryUrl);
  return forges[repository.provider ?? (await detectProvider(repository, token))](repository, token);
}

/** Of the hooks of one URL. */
export function presenceOf(areActive: readonly boolean[]): HookPresence {
  if (areActive.length === 0) return 'None';
  return areActive.includes(true) ? 'Active' : 'Inactive';
}

const forges: Readonly<Record<ProviderType, (repository: ForgeRepository, token: Secret) => Forge>> = {
  Github: githubForge,
  Gitlab: gitlabForge,
  Gitea: giteaForge,
  Forgejo: giteaForge,
  VisualStudioTeamService: azureDevOpsForge,
};
