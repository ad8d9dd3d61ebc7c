import { createHash, randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type SigningKey,
} from '../identity/index.ts';
import { generateRegistryTokenKey, type RegistryTokenKey } from '../registry/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { putSettingIfAbsent, type Store } from '../store/index.ts';

/** What all servers of one deployment share; made once and kept sealed in the database. */
export interface SharedKeys {
  readonly tenantId: string;
  /** Signs access tokens. */
  readonly signingKey: SigningKey;
  /** Signs blob URLs. */
  readonly sasKey: Uint8Array;
  /** Derives the keys of hooks. */
  readonly hookKey: Uint8Array;
  /** Signs the tokens that distribution takes. */
  readonly registryTokenKey: RegistryTokenKey;
}

/** The deployment's keys; the first server to ask makes them. */
export async function loadSharedKeys(store: Store, sealer: Sealer, newId: () => string): Promise<SharedKeys> {
  const sealed = async (name: string, make: () => Promise<string> | string): Promise<string> => {
    const stored = await putSettingIfAbsent(store.db, name, { sealed: sealer.seal(await make(), name) });
    return sealer.open((stored as { sealed: string }).sealed, name).reveal();
  };
  const tenant = await putSettingIfAbsent(store.db, 'tenant', { tenantId: newId() });
  const signingKey = await sealed('signing-key', async () => exportSigningKey(await generateSigningKey()));
  const sasKey = await sealed('sas-key', () => randomBytes(32).toString('base64'));
  const hookKey = await sealed('hook-key', () => randomBytes(32).toString('base64'));
  const registryTokenKey = await sealed('registry-token-key', async () =>
    JSON.stringify(await generateRegistryTokenKey()),
  );
  return {
    tenantId: (tenant as { tenantId: string }).tenantId,
    signingKey: await importSigningKey(signingKey),
    sasKey: Buffer.from(sasKey, 'base64'),
    hookKey: Buffer.from(hookKey, 'base64'),
    registryTokenKey: JSON.parse(registryTokenKey) as RegistryTokenKey, // written just above, once
  };
}

/** The token with which agents join: `agent.token` (mode 0600), made at first start. */
export async function loadJoinToken(dataDirectory: string): Promise<{ token: string; hash: string }> {
  const file = path.join(dataDirectory, 'agent.token');
  try {
    await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await chmod(file, 0o600);
  }
  const token = (await readFile(file, 'utf8')).trim();
  return { token, hash: createHash('sha256').update(token).digest('hex') };
}
