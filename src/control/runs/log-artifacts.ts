import { messageOf, runIdOf, type Registry } from '../../model/index.ts';
import {
  deferLogArtifact,
  findDueLogArtifacts,
  findRegistryById,
  setLogArtifact,
  type DueLogArtifact,
} from '../../store/index.ts';
import { logTargetOf } from '../../taskfile/index.ts';
import type { ControlDeps } from '../deps.ts';
import { readSealedLog } from './logs.ts';
import { runVariables, type NamedRun } from './run-variables.ts';

/** Between two tries to push a log. */
const retrySeconds = 30;

function targetOf(registry: Registry, run: NamedRun, template: string) {
  // A repository's name has no capitals.
  const [name, taskName] = [registry.name.toLowerCase(), run.taskName?.toLowerCase()];
  const values = runVariables({ ...registry, name }, { ...run, taskName });
  return logTargetOf(template, registry.loginServer, values, run.createTime);
}

/** Refuses a `logTemplate` that gives no repository and tag. @throws ServiceError 400 `InvalidLogTemplate`. */
export function requireLogTemplate(registry: Registry, run: Omit<NamedRun, 'runId'>, template: string): void {
  targetOf(registry, { ...run, runId: runIdOf(1) }, template);
}

/**
 * Pushes the sealed logs of runs with a `logTemplate` to the runs' own registries. What a kill or a
 * registry that is away prevents is done later; a push that is done twice changes nothing.
 */
export async function pushLogArtifacts(deps: ControlDeps): Promise<void> {
  for (const due of await findDueLogArtifacts(deps.store.db, 20)) {
    try {
      await pushLogArtifact(deps, due);
    } catch (error) {
      await deferLogArtifact(deps.store.db, due.run.runKey, retrySeconds);
      const fields = { runId: due.run.runId, reason: messageOf(error), retrySeconds };
      deps.log.warn(fields, 'the log of a run could not be pushed to its registry');
    }
  }
}

async function pushLogArtifact(deps: ControlDeps, { run, template }: DueLogArtifact): Promise<void> {
  const registry = await findRegistryById(deps.store.db, run.registryId);
  if (!registry) return; // deleted meanwhile, and the run with it
  const target = targetOf(registry, run, template);
  const pushed = await deps.registries.pushArtifact(registry, {
    ...target,
    artifactType: 'application/vnd.slipway.log.v1',
    mediaType: 'text/plain; charset=utf-8',
    title: `${run.runId}.log`,
    annotations: {
      'org.opencontainers.image.created': (run.finishTime ?? run.createTime).toISOString(),
      'com.slipway.run.id': run.runId,
      'com.slipway.run.status': run.status,
    },
    bytes: await readSealedLog(deps, run.runKey),
  });
  const artifact = { registry: registry.loginServer, ...target, ...pushed };
  await setLogArtifact(deps.store.db, run.runKey, artifact, deps.now());
  deps.log.info({ runId: run.runId, ...target }, 'the log of a run was pushed');
}
