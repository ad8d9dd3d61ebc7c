import { formatImageTag, ServiceError } from '../../model/index.ts';
import { dockerHub } from '../../taskfile/index.ts';
import { RegistryDenied, type RegistryLogin } from '../../registry/index.ts';
import { findRegistryById, type Dependent, type WatchedImage } from '../../store/index.ts';
import type { RequestCredentials } from '../../spec/index.ts';
import type { ControlDeps } from '../deps.ts';
import { customLogin } from '../runs/logins.ts';
import { openSecrets } from '../sealed.ts';
import { imageTriggerOf } from './deliver.ts';

const longestReadMs = 20_000;
/** So many logins are tried at a time. */
const mostLogins = 3;

/**
 * What a tag means in a registry that is not ours; undefined when there is no such tag. It is asked with the
 * login that one of the tasks has for that registry, or without one; next time with those of other tasks, when all
 * were refused.
 * @throws RegistryDenied when no login is right; what `readManifestDigest` throws.
 */
export async function readForeignDigest(
  deps: ControlDeps,
  image: WatchedImage,
  dependents: readonly Dependent[],
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(longestReadMs);
  const owners = dependents.filter(
    (each) => imageTriggerOf(each) && credentialFor(deps, each, image.registry),
  );
  if (owners.length === 0)
    return deps.readManifestDigest({ image, login: undefined, now: deps.now(), signal });
  const first = (image.failures * mostLogins) % owners.length;
  let denied: RegistryDenied | undefined;
  for (const owner of [...owners.slice(first), ...owners.slice(0, first)].slice(0, mostLogins)) {
    try {
      const login = await loginOf(deps, owner, image.registry, signal);
      return await deps.readManifestDigest({ image, login, now: deps.now(), signal });
    } catch (error) {
      if (!(error instanceof RegistryDenied || error instanceof ServiceError)) throw error;
      // Whose it is only the log says: the image may be one of several registries' tasks.
      const { taskName, registryName } = owner;
      const fields = { task: taskName, registry: registryName, image: formatImageTag(image) };
      deps.log.warn({ ...fields, reason: error.message }, 'a base image is not shown to the login of a task');
      denied = new RegistryDenied(`with the login of a task: ${error.message}`, { cause: error });
    }
  }
  throw denied ?? new RegistryDenied(`there is no login for ${image.registry}`);
}

/** The task's credential for a registry. Docker Hub's goes by several names. */
function credentialFor(
  deps: ControlDeps,
  { registryId, properties }: Dependent,
  registry: string,
): [host: string, credential: NonNullable<RequestCredentials['customRegistries']>[string]] | undefined {
  const { credentials } = openSecrets(deps.sealer, registryId, {
    credentials: (properties as { credentials?: object }).credentials,
  }) as { credentials?: RequestCredentials }; // of a checked task
  const names =
    registry === dockerHub ? [dockerHub, 'docker.io', 'index.docker.io', 'registry-1.docker.io'] : [registry];
  return Object.entries(credentials?.customRegistries ?? {}).find(([host]) =>
    names.includes(
      host
        .toLowerCase()
        .replace(/^https?:\/\//, '')
        .replace(/\/.*$/, ''),
    ),
  );
}

async function loginOf(
  deps: ControlDeps,
  owner: Dependent,
  registryName: string,
  signal: AbortSignal,
): Promise<RegistryLogin | undefined> {
  const found = credentialFor(deps, owner, registryName);
  const registry = await findRegistryById(deps.store.db, owner.registryId);
  if (!found || !registry) return undefined;
  const [host, credential] = found;
  const asker = { runId: 'image', timeoutSeconds: 0, requestedBy: owner.lastModifiedBy };
  return customLogin(deps, registry, asker, host, credential, signal);
}
