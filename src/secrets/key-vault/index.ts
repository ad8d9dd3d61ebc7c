export { createAsk, type Ask } from './ask.ts';
export { loadIdentities, type Asker, type Identities } from './identities.ts';
export { createKeyVault, type KeyVault } from './key-vault.ts';
export { parseSecretUrl, type SecretUrl } from './secret-url.ts';
