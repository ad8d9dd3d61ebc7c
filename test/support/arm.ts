import type { TestServer } from './server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: unknown;
}

export interface WireRun {
  readonly id: string;
  readonly properties: {
    readonly runId: string;
    readonly status: string;
    readonly runErrorMessage?: string;
    readonly outputImages?: readonly { readonly digest?: string; readonly repository?: string }[];
  };
}

/** Plain requests to a test server's ARM API, as its first service principal. */
export class ArmClient {
  readonly registryPath: string;
  readonly #server: TestServer;
  #token: string | undefined;

  private constructor(server: TestServer, registryPath: string, token: string) {
    this.#server = server;
    this.registryPath = registryPath;
    this.#token = token;
  }

  static async connect(server: TestServer): Promise<ArmClient> {
    const env = await server.clientEnv();
    const response = await server.http.request(`${server.url}/adfs/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: env.SLIPWAY_CLIENT_ID ?? '',
        client_secret: env.SLIPWAY_CLIENT_SECRET ?? '',
        scope: `${server.url}/arm/.default`,
      }).toString(),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const registryPath =
      `/subscriptions/${env.SLIPWAY_SUBSCRIPTION}/resourceGroups/${env.SLIPWAY_RESOURCE_GROUP}` +
      `/providers/Microsoft.ContainerRegistry/registries/${env.SLIPWAY_REGISTRY}`;
    return new ArmClient(server, registryPath, token);
  }

  /** The access token that it sends. */
  token(): string {
    return this.#token ?? '';
  }

  /** Replaces the token: `undefined` sends none. */
  withToken(token: string | undefined): ArmClient {
    const other = new ArmClient(this.#server, this.registryPath, '');
    other.#token = token;
    return other;
  }

  /** The same for another registry of the group. */
  inRegistry(name: string): ArmClient {
    const path = this.registryPath.replace(/[^/]+$/, name);
    return new ArmClient(this.#server, path, this.#token ?? '');
  }

  /** Sends `api-version=2019-06-01-preview` unless the path has another. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const version = path.includes('api-version=')
      ? ''
      : `${path.includes('?') ? '&' : '?'}api-version=2019-06-01-preview`;
    const response = await this.#server.http.request(`${this.#server.url}${path}${version}`, {
      method,
      headers: {
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** Uploads an archive and answers the place that `scheduleRun` takes. */
  async upload(archive: Uint8Array): Promise<string> {
    const { body } = await this.call('POST', `${this.registryPath}/listBuildSourceUploadUrl`);
    const { uploadUrl, relativePath } = body as { uploadUrl: string; relativePath: string };
    const response = await this.#server.http.request(uploadUrl, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
      body: archive,
    });
    if (response.status !== 201) throw new Error(`upload: ${response.status} ${await response.text()}`);
    return relativePath;
  }

  schedule(request: Record<string, unknown>): Promise<Answer> {
    return this.call('POST', `${this.registryPath}/scheduleRun`, {
      type: 'DockerBuildRequest',
      imageNames: ['test:latest'],
      isPushEnabled: false,
      dockerFilePath: 'Dockerfile',
      platform: { os: 'linux', architecture: 'amd64' },
      ...request,
    });
  }

  async run(runId: string): Promise<WireRun> {
    const { status, body } = await this.call('GET', `${this.registryPath}/runs/${runId}`);
    if (status !== 200) throw new Error(`run ${runId}: ${status} ${JSON.stringify(body)}`);
    return body as WireRun;
  }

  async log(runId: string): Promise<string> {
    const { body } = await this.call('POST', `${this.registryPath}/runs/${runId}/listLogSasUrl`);
    const response = await this.#server.http.request((body as { logLink: string }).logLink, {
      method: 'GET',
    });
    return response.status === 200 ? response.text() : '';
  }
}

export function isEnded(run: WireRun): boolean {
  return !['Queued', 'Started', 'Running'].includes(run.properties.status);
}
