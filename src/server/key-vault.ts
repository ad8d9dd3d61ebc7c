import path from 'node:path';
import { createAsk, createKeyVault, loadIdentities, type KeyVault } from '../secrets/index.ts';
import type { ServerOptions } from './options.ts';

/** Vaults and registries elsewhere, as the identities that the operator has configured. */
export async function openKeyVault(options: ServerOptions, now: () => Date): Promise<KeyVault> {
  const file = path.join(options.dataDirectory, 'identities.json');
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = process.env;
  return createKeyVault({
    identities: await loadIdentities(file, options.identities),
    machine: { endpoint, header },
    ask: createAsk(),
    now,
  });
}
