import { ServiceError } from '../model/index.ts';

/** An image by name; without a registry it is Docker Hub's, without tag and digest `latest`. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

export const dockerHub = 'registry.hub.docker.com';
const hubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', dockerHub]);

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;
const hostPattern = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i;

/**
 * Reads an image's name (OCI distribution §2, Docker's defaults): `app`, `team/app:v1`,
 * `localhost:5000/app@sha256:…`. `golang` and `library/golang` are one.
 * @throws ServiceError 400 `InvalidImageReference`, naming the part that is wrong.
 */
export function parseImageReference(text: string): ImageReference {
  const refuse = (what: string): never => {
    throw new ServiceError(400, 'InvalidImageReference', `${JSON.stringify(text)} is no image name: ${what}`);
  };
  if (text === '') refuse('it is empty');
  const [name = '', digest, ...more] = text.split('@');
  if (more.length > 0) refuse('it has more than one @');
  if (digest !== undefined && !digestPattern.test(digest))
    refuse(`${JSON.stringify(digest)} is no digest such as sha256:…`);
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const hasRegistry = /[.:[]/.test(first) || first === 'localhost';
  const host = hasRegistry ? first : dockerHub;
  if (!hostPattern.test(host)) refuse(`${JSON.stringify(host)} is no registry`);
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  const colon = rest.lastIndexOf(':');
  const repository = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) refuse(`${JSON.stringify(tag)} is no tag`);
  if (!repositoryPattern.test(repository) || repository.length > 255) {
    refuse(
      `${JSON.stringify(repository)} is no repository; it is made of lower-case letters, digits and single . _ - between them`,
    );
  }
  const registry = hubNames.has(host) ? dockerHub : host;
  return {
    registry,
    repository: registry === dockerHub && !repository.includes('/') ? `library/${repository}` : repository,
    ...(tag !== undefined && { tag }),
    ...(tag === undefined && digest === undefined && { tag: 'latest' }),
    ...(digest !== undefined && { digest }),
  };
}

/** The name as Docker takes it. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  const host = registry === dockerHub ? 'docker.io' : registry;
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
