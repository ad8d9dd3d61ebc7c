import { request, type Dispatcher } from 'undici';
import type { Secret } from '../model/index.ts';
import { fetchFailed } from './errors.ts';
import { basic, reasonOf, redirectTarget } from './tarball.ts';

export interface RegistryOptions {
  readonly signal?: AbortSignal | undefined;
  /** `user:password` */
  readonly credential?: Secret | undefined;
  readonly dispatcher?: Dispatcher | undefined;
}

const maxRedirects = 5;
const maxTokenBytes = 1024 * 1024;

/** Reads from one repository of a registry (OCI distribution §3), logging in as it asks for. */
export function openRepository(registry: string, repository: string, options: RegistryOptions) {
  const { signal, credential, dispatcher } = options;
  const origin = `${isPlain(registry) ? 'http' : 'https'}://${hostOf(registry)}`;
  const name = `${registry}/${repository}`;
  let authorization: string | undefined;

  const get = (url: URL, headers: Record<string, string>): Promise<Dispatcher.ResponseData> =>
    request(url, {
      headers: { 'accept-encoding': 'identity', 'user-agent': 'slipway', ...headers },
      ...(signal === undefined ? {} : { signal }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw fetchFailed(`cannot fetch ${name}: ${reasonOf(error)}`, error);
    });

  /** Answers a challenge (RFC 7235; Docker's token authentication). */
  const logIn = async (challenge: string): Promise<string> => {
    if (/^basic\b/i.test(challenge) && credential) return basic(credential.reveal());
    if (!/^bearer\b/i.test(challenge))
      throw fetchFailed(`cannot fetch ${name}: the registry asks for a login`);
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key.toLowerCase(),
        value,
      ]),
    );
    const realm = URL.parse(parameters.get('realm') ?? '');
    const isSafe = realm?.protocol === 'https:' || (realm?.protocol === 'http:' && isPlain(realm.host));
    if (!realm || !isSafe) {
      throw fetchFailed(`cannot fetch ${name}: the registry names no address for tokens that is safe to use`);
    }
    const service = parameters.get('service');
    if (service !== undefined) realm.searchParams.set('service', service);
    realm.searchParams.set('scope', `repository:${repository}:pull`);
    const response = await get(realm, credential ? { authorization: basic(credential.reveal()) } : {});
    if (response.statusCode !== 200) {
      await discard(response);
      throw fetchFailed(`cannot fetch ${name}: the registry refuses the login (${response.statusCode})`);
    }
    const answer = JSON.parse((await readBody(response, maxTokenBytes, name)).toString('utf8')) as {
      token?: unknown;
      access_token?: unknown;
    };
    const token = answer.token ?? answer.access_token;
    if (typeof token !== 'string') throw fetchFailed(`cannot fetch ${name}: the registry gives no token`);
    return `Bearer ${token}`;
  };

  return {
    /** `manifests/v1`, `blobs/sha256:…`. Redirects are followed; the credential stays with the registry. */
    async get(path: string, accept: string): Promise<Dispatcher.ResponseData> {
      let url = new URL(`${origin}/v2/${repository}/${path}`);
      for (let tries = 0, redirects = 0; ;) {
        const own = url.origin === origin && authorization !== undefined ? { authorization } : {};
        const response = await get(url, { accept, ...own });
        const { statusCode, headers } = response;
        if (statusCode === 200) return response;
        await discard(response);
        const challenge = [headers['www-authenticate'] ?? []].flat()[0];
        if (statusCode === 401 && challenge !== undefined && url.origin === origin && tries++ === 0) {
          authorization = await logIn(challenge);
        } else if ([301, 302, 303, 307, 308].includes(statusCode) && typeof headers.location === 'string') {
          if (redirects++ === maxRedirects)
            throw fetchFailed(`cannot fetch ${name}: too many redirects in a row`);
          url = redirectTarget(headers.location, url);
        } else {
          throw fetchFailed(`cannot fetch ${name}: the registry answers ${path} with status ${statusCode}`);
        }
      }
    },
  };
}

/** The whole of a small answer. */
export async function readBody(
  response: Dispatcher.ResponseData,
  maxBytes: number,
  name: string,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw fetchFailed(`cannot fetch ${name}: an answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

/** Docker speaks plain HTTP to registries of this machine, and to no others. */
function isPlain(registry: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(registry);
}

function hostOf(registry: string): string {
  return registry === 'registry.hub.docker.com' ? 'registry-1.docker.io' : registry.toLowerCase();
}
