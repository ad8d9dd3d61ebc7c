import { randomBytes } from 'node:crypto';
import type { Registry, Secret } from '../../model/index.ts';
import type { SecretUrl } from '../../secrets/index.ts';
import {
  deleteVaultSecret,
  findVaultSecret,
  findVaultSecrets,
  insertVaultSecret,
  type VaultSecret,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

export type { VaultSecret };

// A vault of our own belongs to a registry and is there as soon as a secret is in it. Only runs of that
// registry read it, and nothing answers its values. Two registries may have vaults of one name.

/** Adds a version of a secret, which references without a version mean from then on. */
export async function setVaultSecret(
  deps: ControlDeps,
  { registryId }: Registry,
  vaultName: string,
  name: string,
  value: Secret,
): Promise<VaultSecret> {
  const vault = vaultName.toLowerCase();
  const version = randomBytes(16).toString('hex');
  const sealedValue = deps.sealer.seal(value.reveal(), contextOf({ registryId, vault, name, version }));
  const secret = { registryId, vault, name, version, sealedValue, createdAt: deps.now() };
  await insertVaultSecret(deps.store.db, secret);
  deps.log.info({ registryId, vault, secret: name, version }, 'secret set');
  return secret;
}

const secretsPerPage = 100;

/** The secrets of a vault by name, in pages; `nextAfter` is there when more may follow. */
export async function listVaultSecrets(
  deps: ControlDeps,
  { registryId }: Registry,
  vaultName: string,
  page: { after?: string },
): Promise<{ secrets: VaultSecret[]; nextAfter?: string }> {
  const found = await findVaultSecrets(deps.store.db, registryId, vaultName.toLowerCase(), {
    after: page.after,
    limit: secretsPerPage + 1,
  });
  const secrets = found.slice(0, secretsPerPage);
  const last = secrets.at(-1);
  return found.length > secretsPerPage && last ? { secrets, nextAfter: last.name } : { secrets };
}

/** Removes a secret with all its versions; answers whether it was there. */
export async function removeVaultSecret(
  deps: ControlDeps,
  { registryId }: Registry,
  vaultName: string,
  name: string,
): Promise<boolean> {
  const vault = vaultName.toLowerCase();
  const wasThere = await deleteVaultSecret(deps.store.db, { registryId, vault, name });
  if (wasThere) deps.log.info({ registryId, vault, secret: name }, 'secret deleted');
  return wasThere;
}

/** The value that a URL names in the registry's own vaults; undefined when it is not there. */
export async function openVaultSecret(
  deps: ControlDeps,
  { registryId }: Registry,
  { vault, name, version }: SecretUrl,
): Promise<Secret | undefined> {
  const found = await findVaultSecret(deps.store.db, { registryId, vault, name }, version);
  return found && deps.sealer.open(found.sealedValue, contextOf(found));
}

/** `https://myvault.vault.localhost/secrets/name`, by which tasks refer to a secret. */
export function vaultSecretUrl(deps: ControlDeps, { vault, name }: VaultSecret): string {
  return `https://${vault}${ownVaultSuffix(deps)}/secrets/${name}`;
}

/** Whether a URL is of our own vaults: every server knows `.vault.localhost` besides its own name. */
export function isOwnVault(deps: ControlDeps, { suffix }: SecretUrl): boolean {
  const name = suffix.replace(/:\d+$/, '');
  return name === '.vault.localhost' || name === ownVaultSuffix(deps);
}

function ownVaultSuffix(deps: ControlDeps): string {
  return `.vault.${new URL(deps.config.publicUrl).hostname}`;
}

/** Binds a sealed value to its place. */
function contextOf(secret: Pick<VaultSecret, 'registryId' | 'vault' | 'name' | 'version'>): string {
  const { registryId, vault, name, version } = secret;
  return `vault/${registryId}/${vault}/${name.toLowerCase()}/${version}`; // none of which holds a slash
}
