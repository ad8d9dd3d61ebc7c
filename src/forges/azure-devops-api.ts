import { ServiceError, type Secret } from '../model/index.ts';
import { ask } from './ask.ts';
import type { Forge } from './forge.ts';
import { listOf, textOf } from './payload.ts';
import type { ForgeRepository } from './repository.ts';

const version = 'api-version=7.1-preview';
/** Updates of a pull request are votes and titles, too; these bring commits. */
const subscriptions = [
  { eventType: 'git.push', inputs: { branch: '' } },
  { eventType: 'git.pullrequest.created', inputs: { branch: '' } },
  { eventType: 'git.pullrequest.updated', inputs: { branch: '', notificationType: 'PushNotification' } },
] as const;
const states = { pending: 'pending', success: 'succeeded', failure: 'failed', error: 'error' } as const;

/**
 * The API of Azure DevOps (learn.microsoft.com, Service hooks subscriptions and Git statuses): a hook is a
 * subscription for each event.
 */
export function azureDevOpsForge({ origin, path }: ForgeRepository, token: Secret): Forge {
  const [, before = '', repositoryName = ''] = /^(.*?)\/?_git\/([^/]+)$/.exec(path) ?? [];
  if (repositoryName === '') {
    const message =
      'the repositoryUrl of the trigger is none of Azure DevOps, https://dev.azure.com/{organization}/{project}/_git/{repository}';
    throw new ServiceError(400, 'InvalidRepositoryUrl', message);
  }
  const parts = before.split('/').filter((part) => part !== '');
  // a project's repository of its own name is there without the project as well
  const isInProject = parts.length > (origin === 'https://dev.azure.com' ? 1 : 0);
  const project = isInProject ? (parts.at(-1) ?? '') : repositoryName;
  const base = [origin, ...(isInProject ? parts.slice(0, -1) : parts)].join('/');
  const repository = `${base}/${project}/_apis/git/repositories/${repositoryName}`;
  const headers = { authorization: `Basic ${Buffer.from(`:${token.reveal()}`).toString('base64')}` };
  const all = `${base}/_apis/hooks/subscriptions`;

  return {
    async addHook(url, secret) {
      const known = (await find(url)).map(({ eventType }) => eventType);
      const missing = subscriptions.filter(({ eventType }) => !known.includes(eventType));
      if (missing.length === 0) return;
      const found = await ask({ method: 'GET', url: `${repository}?${version}`, headers });
      for (const { eventType, inputs } of missing) {
        const body = {
          publisherId: 'tfs',
          eventType,
          resourceVersion: '1.0',
          consumerId: 'webHooks',
          consumerActionId: 'httpRequest',
          publisherInputs: {
            projectId: textOf(found, 'project', 'id'),
            repository: textOf(found, 'id'),
            ...inputs,
          },
          consumerInputs: { url, basicAuthUsername: 'slipway', basicAuthPassword: secret.reveal() },
        };
        await ask({ method: 'POST', url: `${all}?${version}`, headers, body });
      }
    },
    async findHook(url) {
      const known = await find(url);
      const all = subscriptions.map(({ eventType }) => known.filter((each) => each.eventType === eventType));
      if (all.some((each) => each.length === 0)) return 'None'; // adding it adds what is missing
      return all.every((each) => each.some(({ isActive }) => isActive)) ? 'Active' : 'Inactive';
    },
    async removeHook(url) {
      for (const { id } of await find(url)) {
        await ask({ method: 'DELETE', url: `${all}/${encodeURIComponent(id)}?${version}`, headers });
      }
    },
    async reportStatus({ commitId, state, context, description, targetUrl }) {
      const body = {
        state: states[state],
        description,
        targetUrl,
        context: { name: context, genre: 'slipway' },
      };
      await ask({
        method: 'POST',
        url: `${repository}/commits/${commitId}/statuses?${version}`,
        headers,
        body,
      });
    },
  };

  async function find(url: string): Promise<{ id: string; eventType: string; isActive: boolean }[]> {
    const answer = await ask({ method: 'GET', url: `${all}?consumerId=webHooks&${version}`, headers });
    return listOf(answer, 'value')
      .filter((each) => textOf(each, 'consumerInputs', 'url') === url)
      .map((each) => ({
        id: textOf(each, 'id'),
        eventType: textOf(each, 'eventType'),
        isActive: !textOf(each, 'status').startsWith('disabled'),
      }));
  }
}
