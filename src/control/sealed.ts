import type { Sealer } from '../secrets/index.ts';
import { mapSecrets } from '../spec/index.ts';

/**
 * A checked value as it is kept: JSON in which each secret stands sealed, as `{ "sealed": "v1:…" }`, bound
 * to its registry.
 */
export function sealSecrets(sealer: Sealer, registryId: string, value: object): object {
  const sealed = mapSecrets(value, (secret) => ({ sealed: sealer.seal(secret.reveal(), registryId) }));
  return sealed as object; // an object in, an object out
}

/** The value as `sealSecrets` was given it. */
export function openSecrets(sealer: Sealer, registryId: string, stored: object): unknown {
  const open = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(open);
    if (typeof value !== 'object' || value === null) return value;
    if ('sealed' in value && typeof value.sealed === 'string') return sealer.open(value.sealed, registryId);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, open(member)]));
  };
  return open(stored);
}
