export { grantAccess, parseScopes, type AccessGrant, type RequestedAccess } from './access.ts';
export { startManagedRegistry, type ManagedRegistry, type ManagedRegistryOptions } from './managed.ts';
export { ensureRegistryTokenKey, type RegistryTokenKey } from './token-key.ts';
export {
  createRegistryTokenService,
  tokenUser,
  type RegistryCredential,
  type RegistryTokenService,
} from './token-service.ts';
