/** An image as the API names it; `digest` is `sha256:…`. */
export interface ImageDescriptor {
  readonly registry?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** A tag that may come to mean another image. */
export type ImageTag = Required<Pick<ImageDescriptor, 'registry' | 'repository' | 'tag'>>;

export function imageTagOf({ registry, repository, tag }: ImageDescriptor): ImageTag | undefined {
  if (registry === undefined || repository === undefined || tag === undefined) return undefined;
  return { registry, repository, tag };
}

export function formatImageTag({ registry, repository, tag }: ImageTag): string {
  return `${registry}/${repository}:${tag}`;
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
