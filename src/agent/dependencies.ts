import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ImageDescriptor, RunDependencies } from '../model/index.ts';
import type { Engine } from '../engine/index.ts';
import type { DockerBuildWork } from '../protocol/index.ts';
import {
  formatDependencies,
  formatImageReference,
  parseImageReference,
  scanDockerfile,
} from '../taskfile/index.ts';

type Scanned = ReturnType<typeof scanDockerfile>;

/** What the build's Dockerfile stands on. A Dockerfile that is not there is the build's own error to tell. */
export async function scanBuild(
  contextDirectory: string,
  work: DockerBuildWork,
  platform: string,
): Promise<Scanned> {
  const file = path.join(contextDirectory, work.dockerFilePath);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { runtime: undefined, buildtime: [] };
  const buildArgs = Object.fromEntries(work.arguments.map(({ name, value }) => [name, value]));
  return scanDockerfile(text, {
    ...(work.target !== undefined && { target: work.target }),
    buildArgs,
    platform,
  });
}

/** The images of a build with the digests of everything that they stand on. */
export async function describeBuild(
  engine: Engine,
  scanned: Scanned,
  images: readonly string[],
  digests: ReadonlyMap<string, string>,
  buildOutput: string,
  commit: string | undefined,
): Promise<RunDependencies[]> {
  const describe = async (reference: ReturnType<typeof parseImageReference>): Promise<ImageDescriptor> => {
    const digest =
      reference.digest ??
      digestInOutput(buildOutput, reference) ??
      (await engine.resolveDigest(formatImageReference(reference)));
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

/** BuildKit names what it resolved: `#4 [1/2] FROM docker.io/library/alpine:3@sha256:…`. */
function digestInOutput(
  output: string,
  { repository, tag }: ReturnType<typeof parseImageReference>,
): string | undefined {
  for (const [, name, digest] of output.matchAll(/ FROM (\S+?)@(sha256:[0-9a-f]{64})/g)) {
    const found = parseImageReference(name ?? '');
    if (found.repository === repository && (found.tag ?? tag) === tag) return digest;
  }
  return undefined;
}

export function dependencyReport(dependencies: readonly RunDependencies[]): string[] {
  return formatDependencies(dependencies);
}
