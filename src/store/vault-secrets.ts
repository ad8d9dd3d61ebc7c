import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Database, VaultSecretsTable } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** Which secret of a registry's own vaults. */
export interface VaultSecretName {
  readonly registryId: string;
  /** In lower case. */
  readonly vault: string;
  readonly name: string;
}

/** One version of a secret. */
export interface VaultSecret extends VaultSecretName {
  readonly version: string;
  readonly sealedValue: string;
  readonly createdAt: Date;
}

/** Adds a version, which is the newest from then on. */
export async function insertVaultSecret(db: Db, secret: VaultSecret): Promise<void> {
  await db
    .insertInto('vault_secrets')
    .values({
      registry_id: secret.registryId,
      vault: secret.vault,
      name: secret.name,
      name_key: secret.name.toLowerCase(),
      version: secret.version,
      sealed_value: secret.sealedValue,
      created_at: secret.createdAt,
    })
    .execute();
}

/** That version of a secret, or its newest. */
export async function findVaultSecret(
  db: Db,
  { registryId, vault, name }: VaultSecretName,
  version?: string,
): Promise<VaultSecret | undefined> {
  const row = await db
    .selectFrom('vault_secrets')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('vault', '=', vault)
    .where('name_key', '=', name.toLowerCase())
    .$if(version !== undefined, (query) => query.where('version', '=', (version ?? '').toLowerCase()))
    .orderBy('secret_key', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toVaultSecret(row);
}

/** The newest version of each secret of a vault, by name. */
export async function findVaultSecrets(
  db: Db,
  registryId: string,
  vault: string,
  page: { after: string | undefined; limit: number },
): Promise<VaultSecret[]> {
  const { after, limit } = page;
  const rows = await db
    .selectFrom('vault_secrets')
    .distinctOn('name_key')
    .selectAll()
    .where('registry_id', '=', registryId)
    .where('vault', '=', vault)
    .$if(after !== undefined, (query) => query.where('name_key', '>', (after ?? '').toLowerCase()))
    .orderBy('name_key')
    .orderBy('secret_key', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toVaultSecret);
}

/** Removes all versions; answers whether there was one. */
export async function deleteVaultSecret(
  db: Db,
  { registryId, vault, name }: VaultSecretName,
): Promise<boolean> {
  const rows = await db
    .deleteFrom('vault_secrets')
    .where('registry_id', '=', registryId)
    .where('vault', '=', vault)
    .where('name_key', '=', name.toLowerCase())
    .returning('secret_key')
    .execute();
  return rows.length > 0;
}

function toVaultSecret(row: Selectable<VaultSecretsTable>): VaultSecret {
  return {
    registryId: row.registry_id,
    vault: row.vault,
    name: row.name,
    version: row.version,
    sealedValue: row.sealed_value,
    createdAt: row.created_at,
  };
}
