import { createHash } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import type { ImageTag } from '../model/index.ts';
import { dockerHub } from '../taskfile/index.ts';
import type { ArtifactPlace } from './artifact.ts';
import { isLoopbackRegistry } from './loopback.ts';
import { registryBearer, type RegistryLogin } from './registry-bearer.ts';
import { noAnswer, RegistryDenied, refuseTrouble } from './registry-trouble.ts';

export interface DigestRequest {
  /** As Docker knows it; Docker Hub is `registry.hub.docker.com`. */
  readonly image: ImageTag;
  readonly login: RegistryLogin | undefined;
  readonly now: Date;
  readonly signal: AbortSignal;
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const digestPattern = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;
const largestManifestBytes = 4 * 1024 * 1024;

const mostRedirects = 3;

/**
 * The digest that a tag means now in any registry (OCI distribution, "Checking if content exists in the
 * registry"); undefined when there is no such tag. Registries on loopback are spoken to in plain HTTP. Redirects are
 * followed, without the login to another host.
 * @param dispatcher decides which addresses are connected to.
 * @throws RegistryBusy, RegistryUnreachable, RegistryDenied; Error for anything else that is wrong.
 */
export async function readManifestDigest(
  asked: DigestRequest,
  dispatcher?: Dispatcher,
): Promise<string | undefined> {
  const { image, login, now, signal } = asked;
  const { registry, repository, tag } = image;
  const host = registry === dockerHub ? 'registry-1.docker.io' : registry;
  const scheme = isLoopbackRegistry(host) ? 'http' : 'https';
  const first = new URL(`${scheme}://${host}/v2/${repository}/manifests/${tag}`);
  const send = (method: 'HEAD' | 'GET', authorization?: string): Promise<Answer> =>
    follow(first, { method, authorization, signal, dispatcher });
  let authorization: string | undefined;
  let head = await send('HEAD');
  await head.body.dump();
  if (head.statusCode === 401 && head.url.origin === first.origin) {
    const challenge = String(head.headers['www-authenticate'] ?? '');
    authorization = await registryBearer(challenge, { host, repository, login, now, signal, dispatcher });
    head = await send('HEAD', authorization);
    await head.body.dump();
  }
  const { statusCode, headers, url } = head;
  if (statusCode === 404) return undefined;
  if (statusCode === 401 && url.origin !== first.origin)
    throw new RegistryDenied(`${host} leads to ${url.host}, which asks for a login`);
  if (statusCode === 401 || statusCode === 403) {
    const whom = login ? 'this login' : 'those who have no login';
    throw new RegistryDenied(`${url.host} does not give ${repository} to ${whom}`);
  }
  refuseTrouble(url.host, head, now);
  if (statusCode !== 200) throw new Error(`${url.host} answered ${statusCode} for ${repository}:${tag}`);
  const digest = headers['docker-content-digest'];
  if (typeof digest === 'string' && digestPattern.test(digest)) return digest;
  const { statusCode: status, body } = await send('GET', authorization);
  if (status === 200) return digestOf(body);
  await body.dump();
  throw new Error(`${url.host} answered ${status} for ${repository}:${tag}`);
}

type Answer = Dispatcher.ResponseData & { readonly url: URL };

/** Sends a request and follows where it is led; its authorization is for the first host only. */
async function follow(
  first: URL,
  options: {
    readonly method: 'HEAD' | 'GET';
    readonly authorization: string | undefined;
    readonly signal: AbortSignal;
    readonly dispatcher: Dispatcher | undefined;
  },
): Promise<Answer> {
  const { method, authorization, signal, dispatcher } = options;
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const isHome = url.origin === first.origin;
    const { host } = url;
    const headers = {
      accept: manifestTypes,
      'user-agent': 'slipway',
      ...(isHome && authorization && { authorization }),
    };
    const answer = await request(url, { method, signal, headers, ...(dispatcher && { dispatcher }) }).catch(
      (error: unknown) => {
        throw noAnswer(host, error, signal);
      },
    );
    const { statusCode, headers: answered, body } = answer;
    const { location } = answered;
    if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string')
      return Object.assign(answer, { url });
    await body.dump();
    const next = URL.parse(location, url.href);
    const isPlainAllowed = isLoopbackRegistry(first.host) && isLoopbackRegistry(next?.host ?? '');
    if (!next || (next.protocol !== 'https:' && !(isPlainAllowed && next.protocol === 'http:')))
      throw new Error(`${host} leads to an address that is no https URL`);
    if (redirects === mostRedirects) throw new Error(`${first.host} leads from one address to the next`);
    url = next;
  }
}

/** The same of a registry of our own, where we have a token already. */
export async function readPlaceDigest(
  { url, token }: ArtifactPlace,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const { statusCode, headers, body } = await request(`${url}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: manifestTypes, authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  await body.dump();
  if (statusCode === 404) return undefined;
  const digest = headers['docker-content-digest'];
  if (statusCode === 200 && typeof digest === 'string') return digest;
  throw new Error(`HEAD ${repository}:${tag} answered ${statusCode}`);
}

async function digestOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > largestManifestBytes) throw new Error('the manifest is larger than 4 MiB');
    hash.update(chunk);
  }
  return `sha256:${hash.digest('hex')}`;
}
