import type { Sealer } from '../../secrets/index.ts';
import { mapSecrets, type DockerBuildRequest, type RunRequest } from '../../spec/index.ts';

/**
 * A run's request as it is kept: JSON in which each secret stands sealed, as `{ "sealed": "v1:…" }`,
 * bound to its registry.
 */
export function sealRequest(sealer: Sealer, registryId: string, request: RunRequest): object {
  const sealed = mapSecrets(request, (secret) => ({ sealed: sealer.seal(secret.reveal(), registryId) }));
  return sealed as object; // an object in, an object out
}

/** The request as `sealRequest` was given it. */
export function openRequest<R extends RunRequest = DockerBuildRequest>(
  sealer: Sealer,
  registryId: string,
  stored: object,
): R {
  const open = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(open);
    if (typeof value !== 'object' || value === null) return value;
    if ('sealed' in value && typeof value.sealed === 'string') return sealer.open(value.sealed, registryId);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, open(member)]));
  };
  return open(stored) as R; // written by sealRequest only
}
