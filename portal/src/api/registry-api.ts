import { call, callNext } from './call.ts';
import type {
  Agent,
  AgentPool,
  BaseImage,
  Delivery,
  Page,
  Registry,
  Run,
  RunStep,
  Task,
  TaskProperties,
  Webhook,
} from './types.ts';

/** Where a registry is found. */
export interface RegistryPlace {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly registry: string;
}

/** Every registry that the signed-in principal may see. */
export async function listRegistries(signal: AbortSignal): Promise<Registry[]> {
  const subscriptions = await call<Page<{ subscriptionId: string }>>('/subscriptions', { signal });
  const pages = await Promise.all(
    subscriptions.value.map(({ subscriptionId }) =>
      call<Page<Registry>>(
        `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerRegistry/registries`,
        { signal },
      ),
    ),
  );
  return pages.flatMap(({ value }) => value);
}

export type RegistryApi = ReturnType<typeof registryApi>;

/** The API below one registry. */
export function registryApi({ subscriptionId, resourceGroup, registry }: RegistryPlace) {
  const part = encodeURIComponent;
  const root =
    `/subscriptions/${part(subscriptionId)}/resourceGroups/${part(resourceGroup)}` +
    `/providers/Microsoft.ContainerRegistry/registries/${part(registry)}`;
  const run = (runId: string): string => `${root}/runs/${part(runId)}`;
  const task = (name: string): string => `${root}/tasks/${part(name)}`;
  const pool = (name: string): string => `${root}/agentPools/${part(name)}`;
  const all = async <T>(path: string, signal: AbortSignal): Promise<T[]> => {
    let page = await call<Page<T>>(path, { signal });
    const found = [...page.value];
    while (page.nextLink !== undefined) {
      page = await callNext<Page<T>>(page.nextLink, signal);
      found.push(...page.value);
    }
    return found;
  };
  return {
    get: (signal: AbortSignal) => call<Registry>(root, { signal }),
    /** Newest first. */
    listRuns: (query: { $filter?: string | undefined; $top?: string }, signal: AbortSignal) =>
      call<Page<Run>>(`${root}/runs`, { query, signal }),
    getRun: (runId: string, signal: AbortSignal) => call<Run>(run(runId), { signal }),
    listSteps: (runId: string, signal: AbortSignal) => call<Page<RunStep>>(`${run(runId)}/steps`, { signal }),
    getQueuePosition: (runId: string, signal: AbortSignal) =>
      call<{ position: number; connectedAgents: number }>(`${run(runId)}/queuePosition`, { signal }),
    cancelRun: (runId: string) => call<undefined>(`${run(runId)}/cancel`, { method: 'POST' }),
    /** The path and query under which this origin serves the log, signed for an hour. */
    async getLogPath(runId: string): Promise<string> {
      const { logLink } = await call<{ logLink: string }>(`${run(runId)}/listLogSasUrl`, { method: 'POST' });
      const { pathname, search } = new URL(logLink);
      return `/blobs${pathname}${search}`;
    },
    listTasks: (signal: AbortSignal) => all<Task>(`${root}/tasks`, signal),
    getTask: (name: string, signal: AbortSignal) => call<Task>(task(name), { signal }),
    updateTask: (name: string, properties: Partial<TaskProperties>) =>
      call<Task>(task(name), { method: 'PATCH', body: { properties } }),
    runTask: (name: string) =>
      call<Run>(`${root}/scheduleRun`, {
        method: 'POST',
        body: { type: 'TaskRunRequest', taskId: task(name) },
      }),
    listWebhooks: (name: string) =>
      call<Page<Webhook>>(`${task(name)}/listWebhooks`, { method: 'POST' }).then(({ value }) => value),
    /** Newest first. */
    listDeliveries: (query: { taskName?: string | undefined }, signal: AbortSignal) =>
      call<Page<Delivery>>(`${root}/deliveries`, { query, signal }),
    redeliver: (id: string) => call<Delivery>(`${root}/deliveries/${part(id)}/redeliver`, { method: 'POST' }),
    listBaseImages: (signal: AbortSignal) =>
      call<Page<BaseImage>>(`${root}/baseImages`, { signal }).then(({ value }) => value),
    /** Where other registries tell of pushes: a secret. */
    getImageWebhook: () =>
      call<{ url: string }>(`${root}/listImageWebhook`, { method: 'POST' }).then(({ url }) => url),
    listAgentPools: (signal: AbortSignal) => all<AgentPool>(`${root}/agentPools`, signal),
    listAgents: (name: string, signal: AbortSignal) => call<Page<Agent>>(`${pool(name)}/agents`, { signal }),
    countQueued: (name: string, signal: AbortSignal) =>
      call<{ count: number }>(`${pool(name)}/listQueueStatus`, { method: 'POST', signal }),
  };
}
