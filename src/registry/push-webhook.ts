import { parseImageReference } from '../taskfile/index.ts';

/** A tag that a registry says was pushed. */
export interface PushedTag {
  readonly repository: string;
  readonly tag: string;
}

/**
 * What the webhook of a registry says was pushed, whichever registry it is: CNCF distribution and what is built
 * on it, Azure Container Registry, Docker Hub, Harbor (both of its formats), Quay, Artifactory, GitHub, Gitea,
 * Forgejo, Amazon ECR (the event of EventBridge), and `{"image": "host/repository:tag"}` of anybody's script.
 * Empty for events that are no pushes of a tag.
 * @throws ServiceError 400 `InvalidImageReference` for an `image` that is none.
 */
export function readPushWebhook(payload: unknown): PushedTag[] {
  const pushed = formats.flatMap((read) => read(payload));
  return pushed.flatMap(([repository, tag]) =>
    isShortText(repository) && isShortText(tag) ? [{ repository, tag }] : [],
  );
}

type Named = readonly [repository: unknown, tag: unknown];
type Format = (payload: unknown) => readonly Named[];

const distribution: Format = (payload) => listAt(payload, 'events').flatMap((event) => targetOf(event));

/** Azure Container Registry sends one event of distribution's. */
const targetOf: Format = (event) =>
  at(event, 'action') === 'push' ? [[at(event, 'target', 'repository'), at(event, 'target', 'tag')]] : [];

const dockerHub: Format = (payload) => [
  [at(payload, 'repository', 'repo_name'), at(payload, 'push_data', 'tag')],
];

const harbor: Format = (payload) => {
  const isCloudEvent = at(payload, 'type') === 'harbor.artifact.pushed';
  if (!isCloudEvent && !['PUSH_ARTIFACT', 'pushImage'].includes(String(at(payload, 'type')))) return [];
  const data = at(payload, isCloudEvent ? 'data' : 'event_data');
  return listAt(data, 'resources').map((each) => [at(data, 'repository', 'repo_full_name'), at(each, 'tag')]);
};

const quay: Format = (payload) =>
  listAt(payload, 'updated_tags').map((tag) => [at(payload, 'repository'), tag]);

/** The host of an Artifactory may stand for one of its repositories, whose key is then no part of the name. */
const artifactory: Format = (payload) => {
  if (at(payload, 'domain') !== 'docker' || at(payload, 'event_type') !== 'pushed') return [];
  const [name, key, tag] = ['image_name', 'repo_key', 'tag'].map((member) => at(payload, 'data', member));
  return [
    [name, tag],
    [`${String(key)}/${String(name)}`, tag],
  ];
};

/** `registry_package`, and its successor `package`. */
const github: Format = (payload) =>
  ['registry_package', 'package'].map((kind) => {
    const item = at(payload, kind);
    const tag = at(item, 'package_version', 'container_metadata', 'tag', 'name');
    return [`${String(at(item, 'namespace')).toLowerCase()}/${String(at(item, 'name'))}`, tag];
  });

/** Forgejo's as well. */
const gitea: Format = (payload) => {
  const item = at(payload, 'package');
  if (at(item, 'type') !== 'container' || at(payload, 'action') !== 'created') return [];
  const owner = at(item, 'owner', 'login') ?? at(item, 'owner', 'username');
  return [[`${String(owner).toLowerCase()}/${String(at(item, 'name'))}`, at(item, 'version')]];
};

const ecr: Format = (payload) => {
  if (at(payload, 'source') !== 'aws.ecr' || at(payload, 'detail', 'action-type') !== 'PUSH') return [];
  return [[at(payload, 'detail', 'repository-name'), at(payload, 'detail', 'image-tag')]];
};

const own: Format = (payload) => {
  const image = at(payload, 'image');
  if (typeof image !== 'string') return [];
  const { repository, tag } = parseImageReference(image);
  return [[repository, tag]];
};

const formats: readonly Format[] = [
  distribution,
  targetOf,
  dockerHub,
  harbor,
  quay,
  artifactory,
  github,
  gitea,
  ecr,
  own,
];

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 255;
}

function at(payload: unknown, ...path: readonly string[]): unknown {
  let value = payload;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function listAt(payload: unknown, name: string): readonly unknown[] {
  const value = at(payload, name);
  return Array.isArray(value) ? value : [];
}
