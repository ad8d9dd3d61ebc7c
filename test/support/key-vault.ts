import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ensureServerCertificate } from '../../src/identity/index.ts';
import { freePort } from './wait.ts';

export interface Seen {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/**
 * A cloud of our own that speaks the protocols of Azure: a login host with one service principal, Key Vaults
 * with their challenge, a registry's token exchange, a machine's identity endpoint.
 */
export class TestCloud {
  readonly tenantId = randomUUID();
  readonly clientId = randomUUID();
  readonly clientSecret = `client-secret-${randomUUID()}`;
  readonly caFile: string;
  readonly ca: string;
  /** Values by vault, then `name` or `name/version`. */
  readonly vaults: Record<string, Record<string, string>> = {};
  readonly seen: Seen[] = [];
  /** What vaults answer to the next requests that bear a token, instead of the secret. */
  readonly failures: { status: number; headers?: Record<string, string>; body?: object }[] = [];
  /** What the challenge says instead of the truth. */
  challenge: { authorization?: string; resource?: string } = {};
  expiresIn = 3600;
  readonly #port: number;
  readonly #directory: string;
  readonly #tokens = new Map<string, string>();
  #server: ReturnType<typeof createServer> | undefined;

  private constructor(port: number, directory: string, caFile: string, ca: string) {
    this.#port = port;
    this.#directory = directory;
    this.caFile = caFile;
    this.ca = ca;
  }

  static async start(): Promise<TestCloud> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-cloud-'));
    const { caFile, certPem, keyPem } = await ensureServerCertificate({
      directory,
      hostnames: ['login.test.localhost', '*.vault.test.localhost', '*.cr.test.localhost'],
      ipAddresses: ['127.0.0.1'],
      now: new Date(),
    });
    const cloud = new TestCloud(await freePort(), directory, caFile, await readFile(caFile, 'utf8'));
    cloud.#server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      void cloud.#answer(request, response);
    }).listen(cloud.#port, '127.0.0.1');
    await once(cloud.#server, 'listening');
    return cloud;
  }

  get loginHost(): string {
    return `login.test.localhost:${this.#port}`;
  }

  vaultHost(vault: string): string {
    return `${vault}.vault.test.localhost:${this.#port}`;
  }

  registryHost(name: string): string {
    return `${name}.cr.test.localhost:${this.#port}`;
  }

  secretUrl(vault: string, name: string): string {
    return `https://${this.vaultHost(vault)}/secrets/${name}`;
  }

  get machineEndpoint(): string {
    return `https://127.0.0.1:${this.#port}/msi/token`;
  }

  /** What an operator writes into `identities.json` for it. */
  identities(more: object = {}): object {
    const { clientId, tenantId, clientSecret, loginHost } = this;
    const credential = { clientId, tenantId, clientSecret, loginHost };
    return {
      identities: { '[system]': credential, [clientId]: credential, ...more },
      clouds: [
        {
          loginHost,
          vaultSuffix: `.vault.test.localhost:${this.#port}`,
          registrySuffix: `.cr.test.localhost:${this.#port}`,
          registryAudience: 'https://registry.test.localhost',
        },
      ],
    };
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host = '', authorization } = request.headers;
    const url = new URL(request.url ?? '/', `https://${host}`);
    const form = new URLSearchParams(await text(request));
    const method = request.method ?? '';
    this.seen.push({ host, method, path: url.pathname + url.search, authorization, form });
    const send = (status: number, body: object, headers: Record<string, string> = {}): void => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    };
    if (host === this.loginHost) return this.#logIn(url, form, send);
    if (url.pathname === '/msi/token') {
      const isKnown = request.headers['x-identity-header'] === 'machine';
      if (!isKnown) return send(403, { error: 'forbidden' });
      const expiresOn = Math.floor(Date.now() / 1000) + this.expiresIn;
      const token = this.#issue(url.searchParams.get('resource') ?? '');
      return send(200, { access_token: token, expires_on: `${expiresOn}` });
    }
    if (url.pathname === '/oauth2/exchange') {
      const isGood = this.#tokens.get(form.get('access_token') ?? '') === 'https://registry.test.localhost';
      return isGood ? send(200, { refresh_token: 'refresh-4711' }) : send(401, { message: 'no' });
    }
    return this.#readSecret(host, url, authorization, send);
  }

  #issue(audience: string): string {
    const token = randomUUID();
    this.#tokens.set(token, audience);
    return token;
  }

  #logIn(url: URL, form: URLSearchParams, send: (status: number, body: object) => void): void {
    const isRight =
      url.pathname === `/${this.tenantId}/oauth2/v2.0/token` &&
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === this.clientId &&
      form.get('client_secret') === this.clientSecret;
    if (!isRight) {
      const description = 'AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1';
      return send(401, { error: 'invalid_client', error_description: description });
    }
    const audience = (form.get('scope') ?? '').replace(/\/\.default$/, '');
    send(200, { token_type: 'Bearer', expires_in: this.expiresIn, access_token: this.#issue(audience) });
  }

  #readSecret(
    host: string,
    url: URL,
    authorization: string | undefined,
    send: (status: number, body: object, headers?: Record<string, string>) => void,
  ): void {
    const audience = 'https://vault.test.localhost';
    if (this.#tokens.get(authorization?.replace(/^Bearer /, '') ?? '') !== audience) {
      const { authorization: where = `https://${this.loginHost}/${this.tenantId}`, resource = audience } =
        this.challenge;
      return send(
        401,
        { error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' } },
        { 'www-authenticate': `Bearer authorization="${where}", resource="${resource}"` },
      );
    }
    const failure = this.failures.shift();
    if (failure) return send(failure.status, failure.body ?? {}, failure.headers);
    const name = url.pathname.replace('/secrets/', '');
    const value = this.vaults[host.split('.', 1)[0] ?? '']?.[name];
    if (url.searchParams.get('api-version') !== '7.4' || value === undefined) {
      const message = `A secret with (name/id) ${name} was not found in this key vault.`;
      return send(404, { error: { code: 'SecretNotFound', message } });
    }
    send(200, { value, id: url.href, attributes: { enabled: true } });
  }
}
