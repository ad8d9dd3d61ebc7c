import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {
  createRegistryTokenService,
  generateRegistryTokenKey,
  parseScopes,
} from '../../src/registry/index.ts';
import { startPlainRegistry, type Pusher } from './oci.ts';

/** Who may do anything at a registry that asks for a login. */
export const alice = { username: 'alice', password: 'secret' } as const;
const aliceBasic = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
/** bcrypt of `secret`. */
const htpasswd = 'alice:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
}

/** A real registry behind a proxy that sees what is asked, and may answer in its stead. */
export interface ForeignRegistry extends Pusher {
  readonly seen: SeenRequest[];
  /** What Slipway asked about tags since the last call of this. */
  looks(): SeenRequest[];
  /** Requests are forwarded when this is over. */
  hold: Promise<void>;
  /** What to answer instead of the registry; undefined lets it answer. */
  instead: (
    request: SeenRequest,
  ) => { readonly status: number; readonly headers?: Record<string, string> } | 'silence' | undefined;
  stop(): Promise<void>;
}

/**
 * Starts distribution with a kind of login: none, `Basic` for alice, or tokens of a token service for alice or for
 * anybody who wants to pull.
 */
export async function startForeignRegistry(
  login: 'None' | 'Basic' | 'Bearer' | 'Anonymous' = 'None',
): Promise<ForeignRegistry> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-foreign-registry-'));
  const stops: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const auth = await authOf(login, directory, stops);
  const registry = await startPlainRegistry(auth, async (repository) => {
    if (login === 'None') return {};
    if (login === 'Basic') return { authorization: aliceBasic };
    const { realm } = (auth as { token: { realm: string } }).token; // made so below
    const scope = `repository:${repository}:pull,push,delete`;
    const response = await fetch(`${realm}?${new URLSearchParams({ scope, service: 'foreign' })}`, {
      headers: { authorization: aliceBasic },
    });
    return { authorization: `Bearer ${((await response.json()) as { token: string }).token}` };
  });
  stops.push(() => registry.stop());
  const seen: SeenRequest[] = [];
  let looked = 0;
  const proxy = createServer((request, response) => {
    const { method = '', url = '/', headers } = request;
    const each = {
      method,
      path: url,
      authorization: headers.authorization,
      userAgent: headers['user-agent'],
    };
    seen.push(each);
    const instead = foreign.instead(each);
    if (instead === 'silence') return;
    if (instead) return void response.writeHead(instead.status, instead.headers).end();
    void foreign.hold.then(() => pass(request, response));
  });
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '/', headers } = request;
    const onward = forward(`http://${registry.host}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  const host = await listen(proxy, stops);
  const foreign: ForeignRegistry = {
    host,
    push: (name, text) => registry.push(name, text),
    deleteManifest: (repository, digest) => registry.deleteManifest(repository, digest),
    seen,
    looks() {
      const since = seen
        .slice(looked)
        .filter(({ path, userAgent }) => path.includes('/manifests/') && userAgent === 'slipway');
      looked = seen.length;
      return since;
    },
    hold: Promise.resolve(),
    instead: () => undefined,
    async stop() {
      for (const stop of stops.reverse()) await stop();
    },
  };
  return foreign;
}

async function authOf(
  login: 'None' | 'Basic' | 'Bearer' | 'Anonymous',
  directory: string,
  stops: (() => Promise<void>)[],
): Promise<object | undefined> {
  if (login === 'None') return undefined;
  if (login === 'Basic') {
    const file = path.join(directory, 'htpasswd');
    await writeFile(file, htpasswd);
    return { htpasswd: { realm: 'foreign', path: file } };
  }
  const key = await generateRegistryTokenKey();
  const certificates = path.join(directory, 'token.pem');
  await writeFile(certificates, key.certificatePem);
  const service = createRegistryTokenService({ issuer: 'foreign', ...key });
  const answer = async (request: IncomingMessage): Promise<string | undefined> => {
    const isAlice = request.headers.authorization === aliceBasic;
    if (!isAlice && (login === 'Bearer' || request.headers.authorization !== undefined)) return undefined;
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const access = parseScopes(searchParams.getAll('scope')).map((each) =>
      isAlice ? each : { ...each, actions: each.actions.filter((action) => action === 'pull') },
    );
    return service.issueRegistryToken(
      { service: 'foreign', subject: 'somebody', access, ttlSeconds: 300 },
      new Date(),
    );
  };
  const tokens = createServer((request, response) => {
    void answer(request).then((token) => {
      response.writeHead(token === undefined ? 401 : 200).end(JSON.stringify({ token }));
    });
  });
  const realm = `http://${await listen(tokens, stops)}/token`;
  return { token: { realm, service: 'foreign', issuer: 'foreign', rootcertbundle: certificates } };
}

async function listen(server: Server, stops: (() => Promise<void>)[]): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
