import type { Readable } from 'node:stream';
import { createHttp, type Http } from '../../client/index.ts';
import { messageOf, ServiceError, type RunStatus } from '../../model/index.ts';
import type { Settings } from './settings.ts';

/** A Run as the API answers it, as far as commands show it. */
export interface ApiRun {
  readonly runId: string;
  readonly status: RunStatus;
  readonly runType: string;
  readonly createTime: string;
  readonly startTime?: string;
  readonly finishTime?: string;
  readonly runErrorMessage?: string;
  readonly outputImages?: readonly {
    readonly registry?: string;
    readonly repository?: string;
    readonly tag?: string;
    readonly digest?: string;
  }[];
}

/** A step of a run, as the API answers its properties. */
export interface ApiStep {
  readonly stepId: string;
  readonly kind: string;
  readonly status: string;
  readonly attempts: number;
  readonly startTime?: string;
  readonly finishTime?: string;
  readonly exitCode?: number;
  readonly errorMessage?: string;
  readonly isErrorIgnored?: boolean;
}

/** A secret as the API answers it: never its value. */
export interface ApiSecret {
  /** The URL by which tasks refer to it. */
  readonly id: string;
  /** `created` in seconds since 1970. */
  readonly attributes: { readonly created: number };
}

/** An image that tasks stand on. */
export interface ApiBaseImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly tasks: readonly string[];
  readonly checkedTime?: string;
  readonly nextCheckTime?: string;
  readonly error?: string;
}

/** An event that a trigger heard of, as far as commands show it. */
export interface ApiDelivery {
  readonly name: string;
  readonly properties: {
    readonly task: string;
    readonly status: string;
    readonly reason?: string;
    readonly runId?: string;
    readonly timerTrigger?: { readonly timerTriggerName: string; readonly scheduleOccurrence: string };
    readonly sourceTrigger?: {
      readonly eventType: string;
      readonly commitId: string;
      readonly branchName?: string;
      readonly pullRequestId?: string;
    };
    readonly imageUpdateTrigger?: {
      readonly images: readonly { readonly repository?: string; readonly tag?: string }[];
    };
  };
}

/** Who hears of runs. */
export interface ApiEventSubscription {
  readonly name: string;
  readonly properties: {
    readonly endpoint: string;
    readonly eventTypes: readonly string[];
    readonly format: string;
    readonly status: string;
  };
}

/** Where the provider of a trigger's repository sends its events. */
export interface ApiWebhook {
  readonly triggerName: string;
  readonly providerType: string;
  readonly repositoryUrl: string;
  readonly url: string;
  readonly secret: string;
  readonly registration: 'Manual' | 'Pending' | 'Registered' | 'Failed';
  readonly registrationError?: string;
  /** When the provider last said that it has it. */
  readonly checkedTime?: string;
  /** When it was gone there and was registered again. */
  readonly restoredTime?: string;
  readonly commitStatusError?: string;
}

interface ApiPage {
  readonly value: readonly unknown[];
  readonly nextLink?: string;
}

/** The server's public API as our own commands use it: the same calls as any other client's. */
export interface Api {
  readonly http: Http;
  getUploadUrl(): Promise<{ uploadUrl: string; relativePath: string }>;
  upload(url: string, body: Readable): Promise<void>;
  scheduleRun(request: object): Promise<ApiRun>;
  getRun(runId: string): Promise<ApiRun>;
  /** Newest first. */
  listRuns(query: { filter?: string; top: number }): Promise<ApiRun[]>;
  /** In the order of the task file. */
  listSteps(runId: string): Promise<ApiStep[]>;
  cancelRun(runId: string): Promise<void>;
  getLogUrl(runId: string): Promise<string>;
  getQueuePosition(runId: string): Promise<{ position: number; connectedAgents: number }>;
  /** Newest first. */
  listDeliveries(query: { task?: string; status?: string; top: number }): Promise<ApiDelivery[]>;
  listBaseImages(): Promise<ApiBaseImage[]>;
  redeliver(id: string): Promise<ApiDelivery>;
  listEventSubscriptions(): Promise<ApiEventSubscription[]>;
  putEventSubscription(name: string, properties: object): Promise<void>;
  /** Answers whether it was there. */
  deleteEventSubscription(name: string): Promise<boolean>;
  listWebhooks(task: string): Promise<ApiWebhook[]>;
  getImageWebhook(): Promise<string>;
  setSecret(vault: string, name: string, value: string): Promise<ApiSecret>;
  listSecrets(vault: string): Promise<ApiSecret[]>;
  /** Answers whether it was there. */
  deleteSecret(vault: string, name: string): Promise<boolean>;
  close(): void;
}

const apiVersion = '2025-03-01-preview';

/** @throws ServiceError from every call: what the server refused, or that it cannot be reached. */
export function openApi(settings: Settings): Api {
  const http = createHttp({ caFile: settings.caFile });
  const registry =
    `/subscriptions/${settings.subscriptionId}/resourceGroups/${settings.resourceGroup}` +
    `/providers/Microsoft.ContainerRegistry/registries/${settings.registry}`;
  let token: Promise<string> | undefined;

  const send = async (...[url, request]: Parameters<Http['request']>) => {
    try {
      return await http.request(url, request);
    } catch (error) {
      const message = `cannot reach the server at ${settings.url}: ${messageOf(error)}; is it running?`;
      throw new ServiceError(503, 'ServerUnreachable', message, { cause: error });
    }
  };
  const logIn = async (): Promise<string> => {
    const response = await send(`${settings.url}/adfs/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        scope: `${settings.url}/arm/.default`,
      }).toString(),
    });
    const answer = (await response.json()) as { access_token?: string; error_description?: string };
    if (answer.access_token !== undefined) return answer.access_token;
    throw new ServiceError(
      401,
      'LoginFailed',
      `the server refused to log in: ${answer.error_description ?? response.status}`,
    );
  };
  const call = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    query: Record<string, string> = {},
  ): Promise<unknown> => {
    token ??= logIn();
    const search = new URLSearchParams({ 'api-version': apiVersion, ...query });
    const response = await send(`${settings.url}${registry}${path}?${search}`, {
      method,
      headers: {
        authorization: `Bearer ${await token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (response.status < 300) return answer;
    const { error } = (answer ?? {}) as { error?: { code: string; message: string } };
    throw new ServiceError(
      response.status,
      error?.code ?? 'Unknown',
      error?.message ?? `the server answered ${response.status}`,
    );
  };
  /** The members of a list, from as many pages as it takes. */
  const listAll = async (path: string, query: Record<string, string>): Promise<unknown[]> => {
    const all: unknown[] = [];
    for (let page: Record<string, string> | undefined = query; page;) {
      const { value, nextLink } = (await call('GET', path, undefined, page)) as ApiPage;
      all.push(...value);
      page = nextLink === undefined ? undefined : Object.fromEntries(new URL(nextLink).searchParams);
    }
    return all;
  };
  const runOf = (answer: unknown): ApiRun => (answer as { properties: ApiRun }).properties; // the specification's Run

  return {
    http,
    getUploadUrl: async () =>
      (await call('POST', '/listBuildSourceUploadUrl')) as { uploadUrl: string; relativePath: string },
    async upload(url, body) {
      const response = await send(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body });
      const text = await response.text();
      if (response.status === 201) return;
      const [, message = text] = /<Message>([^<]*)/.exec(text) ?? [];
      throw new ServiceError(response.status, 'UploadFailed', `the upload was refused: ${message}`);
    },
    scheduleRun: async (request) => runOf(await call('POST', '/scheduleRun', request)),
    getRun: async (runId) => runOf(await call('GET', `/runs/${encodeURIComponent(runId)}`)),
    async listRuns({ filter, top }) {
      const query = { $top: String(top), ...(filter !== undefined && { $filter: filter }) };
      return (await listAll('/runs', query)).map(runOf);
    },
    async listSteps(runId) {
      const answer = await call('GET', `/runs/${encodeURIComponent(runId)}/steps`);
      return (answer as { value: { properties: ApiStep }[] }).value.map(({ properties }) => properties);
    },
    async cancelRun(runId) {
      await call('POST', `/runs/${encodeURIComponent(runId)}/cancel`);
    },
    async getLogUrl(runId) {
      const answer = await call('POST', `/runs/${encodeURIComponent(runId)}/listLogSasUrl`);
      return (answer as { logLink: string }).logLink;
    },
    getQueuePosition: async (runId) =>
      (await call('GET', `/runs/${encodeURIComponent(runId)}/queuePosition`)) as {
        position: number;
        connectedAgents: number;
      },
    async listDeliveries({ task, status, top }) {
      const query = {
        $top: String(top),
        ...(task !== undefined && { taskName: task }),
        ...(status !== undefined && { status }),
      };
      return (await listAll('/deliveries', query)) as ApiDelivery[];
    },
    listBaseImages: async () => ((await call('GET', '/baseImages')) as { value: ApiBaseImage[] }).value,
    redeliver: async (id) =>
      (await call('POST', `/deliveries/${encodeURIComponent(id)}/redeliver`)) as ApiDelivery,
    listEventSubscriptions: async () =>
      ((await call('GET', '/eventSubscriptions')) as { value: ApiEventSubscription[] }).value,
    async putEventSubscription(name, properties) {
      await call('PUT', `/eventSubscriptions/${encodeURIComponent(name)}`, { properties });
    },
    deleteEventSubscription: async (name) =>
      (await call('DELETE', `/eventSubscriptions/${encodeURIComponent(name)}`)) !== undefined,
    async listWebhooks(task) {
      const answer = await call('POST', `/tasks/${encodeURIComponent(task)}/listWebhooks`);
      return (answer as { value: ApiWebhook[] }).value;
    },
    getImageWebhook: async () => ((await call('POST', '/listImageWebhook')) as { url: string }).url,
    setSecret: async (vault, name, value) =>
      (await call('PUT', secretPath(vault, name), { value })) as ApiSecret,
    async listSecrets(vault) {
      const all: ApiSecret[] = [];
      let query: Record<string, string> = {};
      for (;;) {
        const page = (await call('GET', secretPath(vault), undefined, query)) as {
          value: ApiSecret[];
          nextLink?: string;
        };
        all.push(...page.value);
        if (page.nextLink === undefined) return all;
        query = Object.fromEntries(new URL(page.nextLink).searchParams);
      }
    },
    async deleteSecret(vault, name) {
      return (await call('DELETE', secretPath(vault, name))) !== undefined;
    },
    close: () => http.close(),
  };
}

function secretPath(vault: string, name?: string): string {
  const all = `/vaults/${encodeURIComponent(vault)}/secrets`;
  return name === undefined ? all : `${all}/${encodeURIComponent(name)}`;
}
