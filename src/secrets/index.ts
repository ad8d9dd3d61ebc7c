export {
  createAsk,
  createKeyVault,
  loadIdentities,
  parseSecretUrl,
  type Asker,
  type Identities,
  type KeyVault,
  type SecretUrl,
} from './key-vault/index.ts';
export { loadMasterKey } from './master-key.ts';
export { createMasker, loginSecrets, type Masker } from './masker.ts';
export { openSealer, type Sealer } from './sealer.ts';
