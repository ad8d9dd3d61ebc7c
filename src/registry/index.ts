export { grantAccess, parseScopes, type AccessGrant, type RequestedAccess } from './access.ts';
export { pushArtifact, type Artifact, type ArtifactPlace, type PushedArtifact } from './artifact.ts';
export { blobLinkScope, signBlobLink } from './blob-link.ts';
export { isLoopbackRegistry } from './loopback.ts';
export { readManifestDigest, readPlaceDigest, type DigestRequest } from './manifest-digest.ts';
export { RegistryBusy, RegistryDenied, RegistryUnreachable } from './registry-trouble.ts';
export {
  startManagedRegistry,
  type ManagedRegistry,
  type ManagedRegistryOptions,
  type RegistryNotifications,
} from './managed.ts';
export { readPushWebhook, type PushedTag } from './push-webhook.ts';
export { generateRegistryTokenKey, type RegistryTokenKey } from './token-key.ts';
export type { RegistryLogin } from './registry-bearer.ts';
export {
  createRegistryTokenService,
  tokenUser,
  type RegistryCredential,
  type RegistryTokenService,
} from './token-service.ts';
