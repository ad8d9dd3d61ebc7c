import type { BlobStore } from '../blobs/index.ts';
import type { RunQueue } from '../queue/index.ts';
import type { ForkPullRequests, Registry } from '../model/index.ts';
import type { Artifact, DigestRequest, PushedArtifact } from '../registry/index.ts';
import type { KeyVault, Sealer } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';

/** Who calls, as an access token said it. */
export interface Caller {
  readonly objectId: string;
  readonly clientId: string;
  readonly displayName: string;
}

/** The OCI registries behind the login servers; each ARM registry has one of its own. */
export interface RegistryHost {
  /** A free place for a new registry. */
  allocate(name: string): Promise<{ loginServer: string; loginPort: number }>;
  /** Brings a registry up; a no-op when it is up. */
  start(registry: Registry): Promise<void>;
  /** Ends it; with `isDeleted` its images go too. */
  stop(registry: Registry, options: { isDeleted: boolean }): Promise<void>;
  /** Whether registries run on this server. */
  readonly isHosting: boolean;
  /** The digest that a tag means now; undefined when there is none. @throws when the registry is not up. */
  resolveTag(registry: Registry, repository: string, tag: string): Promise<string | undefined>;
  /** How much its images take, in bytes. */
  measure(registry: Registry): Promise<number>;
  /** Short-lived credential of a run: push to the given repositories, pull from all. */
  issueRunCredential(
    registry: Registry,
    runId: string,
    pushRepositories: readonly string[],
    ttlSeconds: number,
  ): Promise<{ username: string; password: string }>;
  /** Pushes a file as an OCI artifact of the service itself. @throws when the registry is not up. */
  pushArtifact(registry: Registry, artifact: Artifact): Promise<PushedArtifact>;
  /** A URL under which the registry gives one blob to whoever has the URL, for a while. */
  signBlobLink(registry: Registry, repository: string, digest: string, ttlSeconds: number): Promise<string>;
}

export interface ControlConfig {
  readonly tenantId: string;
  /** `https://localhost:8443`, as clients reach the server. */
  readonly publicUrl: string;
  /** The same for providers of source control; they send their events there. */
  readonly hooksUrl: string;
  /** What becomes of pull requests from forks. */
  readonly forkPullRequests: ForkPullRequests;
  /** `https://slipway.blob.localhost:8443`: the host that az takes for a storage account. */
  readonly blobUrl: string;
  /** Region of resources that are made at first start. */
  readonly location: string;
  /** An agent silent for so long loses its run. */
  readonly leaseSeconds: number;
  /** Ended runs that are not archived are purged after so many days; 0 keeps them. */
  readonly retentionDays: number;
  /** How often images of other registries are looked at; 0 is never. */
  readonly baseImageCheckSeconds: number;
  /** Derives the keys of hooks. */
  readonly hookKey: Uint8Array;
  /** How long a signed upload or log URL is good. */
  readonly signedUrlSeconds: number;
  /** Key under which blob URLs are signed. */
  readonly sasKey: Uint8Array;
  /** SHA-256 of the token with which agents join, in hex. */
  readonly joinTokenHash: string;
}

export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the hearts of the server work with; assembled once, where the server starts. */
export interface ControlDeps {
  readonly store: Store;
  readonly queue: RunQueue;
  readonly blobs: BlobStore;
  readonly sealer: Sealer;
  readonly registries: RegistryHost;
  readonly keyVault: KeyVault;
  /** Asks any registry what a tag means now: `readManifestDigest`. */
  readonly readManifestDigest: (request: DigestRequest) => Promise<string | undefined>;
  /** Posts a message. @throws Error unless the answer is 2xx, ServiceError when it never can be. */
  readonly post: (
    url: string,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly config: ControlConfig;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: Logger;
}
