import type { LogArtifact, Registry, Run } from '../../model/index.ts';
import { signBlobUrl } from '../../blobs/index.ts';
import type { ControlDeps } from '../deps.ts';
import { getRun } from './read.ts';

/** Name of a run's log in the container `logs`. */
function logBlobName(run: Pick<Run, 'registryId' | 'runId'>): string {
  return `${run.registryId}/${run.runId}/rawtext.log`;
}

/** Runs_GetLogSasUrl: URLs that may read this one log for a while; in the registry once it is there. */
export async function getRunLogLinks(
  deps: ControlDeps,
  registry: Registry,
  runId: string,
): Promise<{ logLink: string; logArtifactLink?: string }> {
  const run = await getRun(deps, registry, runId);
  const logLink = signBlobUrl(deps.config.sasKey, {
    baseUrl: deps.config.blobUrl,
    container: 'logs',
    blob: logBlobName(run),
    permissions: 'r',
    expiresAt: new Date(deps.now().getTime() + deps.config.signedUrlSeconds * 1000),
  });
  const { logArtifact } = run;
  return {
    logLink,
    ...(logArtifact && { logArtifactLink: await artifactLink(deps, registry, logArtifact) }),
  };
}

function artifactLink(
  deps: ControlDeps,
  registry: Registry,
  { repository, layerDigest }: LogArtifact,
): Promise<string> {
  return deps.registries.signBlobLink(registry, repository, layerDigest, deps.config.signedUrlSeconds);
}
