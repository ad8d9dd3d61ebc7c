import { ServiceError } from '../../model/index.ts';
import type { RegistryTokenService } from '../../registry/index.ts';

export interface TagsDeps {
  readonly loginServer: string;
  /** Where distribution listens now. */
  readonly upstream: () => string;
  readonly tokenService: RegistryTokenService;
  readonly now: () => Date;
}

const path = /^\/acr\/v1\/(.+)\/_tags(?:\/([\w.-]{1,128}))?\/?$/;
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * The registry service's own way to ask for tags, which az uses: `/acr/v1/{repository}/_tags` and
 * `…/_tags/{tag}`, with the digests. Distribution knows no times of tags, so there are none.
 * `link` leads to the next page (`n`, `last`).
 * @throws ServiceError 401 without a token for `metadata_read` or `pull`, 404 for what is not there.
 */
export async function readTags(
  deps: TagsDeps,
  request: { readonly url: string; readonly authorization: string | undefined },
): Promise<{ readonly body: object; readonly link?: string }> {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const [, repository, tag] = path.exec(pathname) ?? [];
  if (repository === undefined) {
    throw new ServiceError(404, 'UNSUPPORTED', `there is nothing at GET ${pathname.slice(0, 500)}`);
  }
  const upstream = await openUpstream(deps, repository, request.authorization);
  const named = { registry: deps.loginServer, imageName: repository };
  if (tag !== undefined) return { body: { ...named, tag: await describeTag(upstream, tag) } };
  const page = new URLSearchParams([...searchParams].filter(([name]) => name === 'n' || name === 'last'));
  const response = await upstream('GET', `tags/list?${page}`);
  if (!response.ok) throw new ServiceError(404, 'NAME_UNKNOWN', `there is no repository ${repository}`);
  const { tags } = (await response.json()) as { tags: string[] | null }; // OCI distribution, "Listing Tags"
  const described = await Promise.all((tags ?? []).map((each) => describeTag(upstream, each)));
  const next = /\?[^>]*/.exec(response.headers.get('link') ?? '')?.[0];
  const link = next !== undefined && `</acr/v1/${repository}/_tags${next}>; rel="next"`;
  return { body: { ...named, tags: described }, ...(link && { link }) };
}

type Upstream = (method: 'GET' | 'HEAD', rest: string) => Promise<Response>;

/** Distribution's API of a repository, for a caller whose token is good for asking what is in it. */
async function openUpstream(
  { loginServer, upstream, tokenService, now }: TagsDeps,
  repository: string,
  authorization: string | undefined,
): Promise<Upstream> {
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const granted = await tokenService.verifyRegistryToken(bearer, loginServer, now());
  const isAllowed = granted.some(
    ({ type, name, actions }) =>
      type === 'repository' &&
      name === repository &&
      actions.some((action) => ['*', 'pull', 'metadata_read'].includes(action)),
  );
  if (!isAllowed) {
    const message = `a token for repository:${repository}:metadata_read is needed`;
    throw new ServiceError(401, 'UNAUTHORIZED', message);
  }
  const token = await tokenService.issueRegistryToken(
    {
      service: loginServer,
      subject: 'slipway',
      access: [{ type: 'repository', name: repository, actions: ['pull'] }],
      ttlSeconds: 60,
    },
    now(),
  );
  return (method, rest) =>
    fetch(`${upstream()}/v2/${repository}/${rest}`, {
      method,
      headers: { authorization: `Bearer ${token}`, accept: manifestTypes },
    });
}

async function describeTag(upstream: Upstream, name: string): Promise<object> {
  const response = await upstream('HEAD', `manifests/${name}`);
  const digest = response.headers.get('docker-content-digest');
  if (!response.ok || digest === null) throw new ServiceError(404, 'TAG_UNKNOWN', `there is no tag ${name}`);
  const changeableAttributes = {
    deleteEnabled: true,
    writeEnabled: true,
    readEnabled: true,
    listEnabled: true,
  };
  return { name, digest, signed: false, changeableAttributes };
}
