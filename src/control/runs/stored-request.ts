import { Secret, type RunRequest } from '../../model/index.ts';
import type { Sealer } from '../../secrets/index.ts';

/**
 * A run's request as it is kept: JSON in which each secret stands sealed, as `{ "sealed": "v1:…" }`,
 * bound to its registry.
 */
export function sealRequest(sealer: Sealer, registryId: string, request: RunRequest): object {
  const seal = (value: unknown): unknown => {
    if (value instanceof Secret) return { sealed: sealer.seal(value.reveal(), registryId) };
    if (Array.isArray(value)) return value.map(seal);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, seal(member)]));
    return value;
  };
  return seal(request) as object; // an object in, an object out
}

/** The request as `sealRequest` was given it. */
export function openRequest(sealer: Sealer, registryId: string, stored: object): RunRequest {
  const open = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(open);
    if (typeof value !== 'object' || value === null) return value;
    if ('sealed' in value && typeof value.sealed === 'string') return sealer.open(value.sealed, registryId);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, open(member)]));
  };
  return open(stored) as RunRequest; // written by sealRequest only
}
