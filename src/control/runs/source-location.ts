import { ServiceError, type Registry } from '../../model/index.ts';
import { signBlobUrl } from '../../blobs/index.ts';
import { insertUpload, touchUpload } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

/** Uploads lie in a container of their registry, under `source/`. */
const uploadPath = /^source\/\d{8}\/[0-9a-f-]{36}\.tar\.gz$/;

/** Whether a source location is a path of ours and not a URL or a git address. */
export function isUploadPath(location: string | undefined): location is string {
  if (location === undefined) return false;
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(location) || /[@#]/.test(location);
  const startsWithHost = /^[a-z0-9-]+(\.[a-z0-9-]+)+\//i.test(location);
  return !isUrl && !startsWithHost;
}

/** Registries_GetBuildSourceUploadUrl: a place for one archive, and a URL that may write there for a while. */
export async function getUploadLocation(
  deps: ControlDeps,
  registry: Registry,
): Promise<{ uploadUrl: string; relativePath: string }> {
  const now = deps.now();
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const relativePath = `source/${day}/${deps.newId()}.tar.gz`;
  await insertUpload(deps.store.db, registry.registryId, relativePath, now);
  return { relativePath, uploadUrl: signUpload(deps, registry.registryId, relativePath, 'cw') };
}

/** A URL under which an agent reads an upload. */
export function uploadReadUrl(deps: ControlDeps, registryId: string, relativePath: string): string {
  return signUpload(deps, registryId, relativePath, 'r');
}

function signUpload(deps: ControlDeps, container: string, blob: string, permissions: 'r' | 'cw'): string {
  const expiresAt = new Date(deps.now().getTime() + deps.config.signedUrlSeconds * 1000);
  return signBlobUrl(deps.config.sasKey, {
    baseUrl: deps.config.blobUrl,
    container,
    blob,
    permissions,
    expiresAt,
  });
}

/**
 * Refuses an upload path that this registry did not hand out or that holds no archive yet: another
 * registry's upload lies in another container and is not found here.
 */
export async function requireUpload(deps: ControlDeps, registry: Registry, location: string): Promise<void> {
  const target = 'sourceLocation';
  if (!uploadPath.test(location)) {
    throw new ServiceError(
      400,
      'InvalidSourceLocation',
      `sourceLocation is ${JSON.stringify(location)}; it must be the relativePath that listBuildSourceUploadUrl of ` +
        `this registry answered, or the URL of a git repository or a tar archive`,
      { target },
    );
  }
  if (!(await deps.blobs.head(registry.registryId, location))) throw notUploaded(registry, location);
}

/**
 * Keeps an upload for the run that begins in this transaction.
 * @throws ServiceError 400 `SourceNotUploaded` when it was purged just now.
 */
export async function keepUpload(
  deps: ControlDeps,
  trx: Parameters<typeof touchUpload>[0],
  registry: Registry,
  location: string,
): Promise<void> {
  if (await touchUpload(trx, registry.registryId, location, deps.now())) return;
  throw notUploaded(registry, location);
}

function notUploaded(registry: Registry, location: string): ServiceError {
  return new ServiceError(
    400,
    'SourceNotUploaded',
    `there is no upload at ${location} in registry ${registry.name}; PUT the archive to the uploadUrl first`,
    { target: 'sourceLocation' },
  );
}
