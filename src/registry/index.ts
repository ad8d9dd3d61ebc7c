export { grantAccess, parseScopes, type AccessGrant, type RequestedAccess } from './access.ts';
export { pushArtifact, type Artifact, type PushedArtifact } from './artifact.ts';
export { blobLinkScope, signBlobLink } from './blob-link.ts';
export { startManagedRegistry, type ManagedRegistry, type ManagedRegistryOptions } from './managed.ts';
export { generateRegistryTokenKey, type RegistryTokenKey } from './token-key.ts';
export {
  createRegistryTokenService,
  tokenUser,
  type RegistryCredential,
  type RegistryTokenService,
} from './token-service.ts';
