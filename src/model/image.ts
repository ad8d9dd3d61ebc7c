/** An image as the API names it; `digest` is `sha256:…`. */
export interface ImageDescriptor {
  readonly registry?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** The log of a run as an OCI artifact in the run's registry. */
export interface LogArtifact {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Digest of the log itself. */
  readonly layerDigest: string;
}
