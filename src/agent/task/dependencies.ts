import type { ImageDescriptor, RunDependencies } from '../../model/index.ts';
import type { Engine } from '../../engine/index.ts';
import { formatImageReference, parseImageReference, type ImageReference } from '../../taskfile/index.ts';
import type { BuiltStep } from './build-step.ts';

/** The images of a build with the digests of everything that they stand on. */
export async function describeBuild(
  engine: Engine,
  { scanned, output, commit }: BuiltStep,
  images: readonly string[],
  digests: ReadonlyMap<string, string>,
): Promise<RunDependencies[]> {
  const describe = async (reference: ImageReference): Promise<ImageDescriptor> => {
    if (reference.digest !== undefined) return pinned(reference, reference.digest);
    const digest =
      digestInOutput(output, reference) ?? (await engine.resolveDigest(formatImageReference(reference)));
    return { ...reference, ...(digest !== undefined && { digest }) };
  };
  const runtime = scanned.runtime && (await describe(scanned.runtime));
  const buildtime = await Promise.all(scanned.buildtime.map(describe));
  return images.map((image) => {
    const digest = digests.get(image);
    return {
      image: { ...parseImageReference(image), ...(digest !== undefined && { digest }) },
      ...(runtime && { runtime }),
      buildtime,
      git: commit === undefined ? {} : { commit },
    };
  });
}

/** What is pinned by its digest stays the same whatever its tag comes to mean: the tag is no part of it. */
function pinned({ registry, repository }: ImageReference, digest: string): ImageDescriptor {
  return { registry, repository, digest };
}

/** BuildKit names what it resolved: `#4 [1/2] FROM docker.io/library/alpine:3@sha256:…`. */
function digestInOutput(output: string, { registry, repository, tag }: ImageReference): string | undefined {
  for (const [, name, digest] of output.matchAll(/ FROM (\S+?)@(sha256:[0-9a-f]{64})/g)) {
    const found = parseImageReference(name ?? '');
    const isSame = found.registry === registry && found.repository === repository;
    if (isSame && (found.tag ?? tag) === tag) return digest;
  }
  return undefined;
}
