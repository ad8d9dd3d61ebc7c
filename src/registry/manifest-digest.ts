import { createHash } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import type { ImageTag } from '../model/index.ts';
import { dockerHub } from '../taskfile/index.ts';
import type { ArtifactPlace } from './artifact.ts';
import { registryBearer, type RegistryLogin } from './registry-bearer.ts';

/** The registry asks to be left alone until then. */
export class RegistryBusy extends Error {
  readonly until: Date;
  constructor(registry: string, until: Date) {
    super(`${registry} asks to be left alone until ${until.toISOString()}`);
    this.until = until;
  }
}

/** The registry does not give this away to this login. */
export class RegistryDenied extends Error {}

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
const largestManifestBytes = 4 * 1024 * 1024;

/** Docker's rule: registries on loopback may do without TLS. */
export function isLoopbackRegistry(registry: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(registry);
}

/**
 * The digest that a tag means now in any registry (OCI distribution, "Checking if content exists in the
 * registry"); undefined when there is no such tag. Registries on loopback are spoken to in plain HTTP.
 * @throws RegistryBusy, RegistryDenied; Error for anything else that is wrong.
 */
export async function readManifestDigest(asked: DigestRequest): Promise<string | undefined> {
  const { image, login, signal } = asked;
  const { registry, repository, tag } = image;
  const host = registry === dockerHub ? 'registry-1.docker.io' : registry;
  const scheme = isLoopbackRegistry(host) ? 'http' : 'https';
  const url = `${scheme}://${host}/v2/${repository}/manifests/${tag}`;
  const send = (method: 'HEAD' | 'GET', authorization?: string): Promise<Dispatcher.ResponseData> =>
    request(url, {
      method,
      signal,
      headers: { accept: manifestTypes, 'user-agent': 'slipway', ...(authorization && { authorization }) },
    });
  let authorization: string | undefined;
  let head = await send('HEAD');
  await head.body.dump();
  if (head.statusCode === 401) {
    const challenge = String(head.headers['www-authenticate'] ?? '');
    const mayUsePlain = scheme === 'http';
    authorization = await registryBearer(challenge, { repository, login, mayUsePlain, signal });
    if (authorization === undefined) throw new RegistryDenied(`${registry} asks for a login`);
    head = await send('HEAD', authorization);
    await head.body.dump();
  }
  const { statusCode, headers } = head;
  if (statusCode === 404) return undefined;
  if (statusCode === 401 || statusCode === 403) {
    throw new RegistryDenied(`${registry} does not give ${repository} to this login`);
  }
  const until = restAsked(head, asked.now);
  if (until) throw new RegistryBusy(registry, until);
  if (statusCode !== 200) throw new Error(`HEAD ${url} answered ${statusCode}`);
  const digest = headers['docker-content-digest'];
  if (typeof digest === 'string') return digest;
  const { statusCode: status, body } = await send('GET', authorization);
  if (status !== 200) throw new Error(`GET ${url} answered ${status}`);
  return digestOf(body);
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

const longestRestSeconds = 6 * 3600;
const usualRestSeconds = 60;

/** Until when a registry that had enough wants no more requests (RFC 9110 §10.2.3; Docker Hub's RateLimit). */
function restAsked({ statusCode, headers }: Dispatcher.ResponseData, now: Date): Date | undefined {
  if (statusCode !== 429 && !(statusCode === 503 && headers['retry-after'] !== undefined)) return undefined;
  const after = String(headers['retry-after'] ?? '');
  const window = /^0\s*;\s*w=(\d+)/.exec(String(headers['ratelimit-remaining'] ?? ''))?.[1];
  const seconds = /^\d+$/.test(after)
    ? Number(after)
    : after !== ''
      ? (Date.parse(after) - now.getTime()) / 1000
      : Number(window ?? usualRestSeconds);
  const bounded = Math.min(
    longestRestSeconds,
    Math.max(1, Number.isFinite(seconds) ? seconds : usualRestSeconds),
  );
  return new Date(now.getTime() + bounded * 1000);
}
