export { loadMasterKey } from './master-key.ts';
export { createMasker, loginSecrets, type Masker } from './masker.ts';
export { openSealer, type Sealer } from './sealer.ts';
