import {
  cancelRun,
  getQueuePosition,
  getRun,
  getRunLogLinks,
  getUploadLocation,
  listRuns,
  listSteps,
  scheduleRun,
  updateRun,
  type ControlDeps,
} from '../../control/index.ts';
import { registryResourceId } from '../../model/index.ts';
import { check, runRequest, runUpdate } from '../../spec/index.ts';
import type { Router } from './router.ts';
import { nextLinkOf, readRunPage } from './run-page.ts';
import { runBody } from './wire-run.ts';
import { runStepBody } from './wire-run-step.ts';

const kind = 'Microsoft.ContainerRegistry/registries';
const versions = 'tasks';

/** Builds: the upload's URL, scheduleRun, and the runs with their logs. */
export function runRoutes(router: Router, control: ControlDeps): void {
  router.inRegistry(
    {
      method: 'POST',
      path: '/listBuildSourceUploadUrl',
      action: `${kind}/listBuildSourceUploadUrl/action`,
      versions,
    },
    async ({ registry }) => getUploadLocation(control, registry),
  );
  router.inRegistry(
    { method: 'POST', path: '/scheduleRun', action: `${kind}/scheduleRun/action`, versions },
    async ({ registry, caller, body }) =>
      runBody(registry, await scheduleRun(control, caller, registry, check(runRequest, body))),
  );
  router.inRegistry(
    { method: 'GET', path: '/runs', action: `${kind}/runs/read`, versions },
    async ({ registry, query }) => {
      const { runs, nextBefore } = await listRuns(control, registry, readRunPage(query));
      const url = `${control.config.publicUrl}${registryResourceId(registry)}/runs`;
      const nextLink = nextLinkOf(url, query, runs.length, nextBefore);
      return {
        value: runs.map((run) => runBody(registry, run)),
        ...(nextLink !== undefined && { nextLink }),
      };
    },
  );
  const one = '/runs/:runId';
  router.inRegistry(
    { method: 'GET', path: one, action: `${kind}/runs/read`, versions },
    async ({ registry, params }) => runBody(registry, await getRun(control, registry, params.runId ?? '')),
  );
  router.inRegistry(
    { method: 'PATCH', path: one, action: `${kind}/runs/write`, versions },
    async ({ registry, params, body }) => {
      const patch = check(runUpdate, body);
      return runBody(registry, await updateRun(control, registry, params.runId ?? '', patch));
    },
  );
  router.inRegistry(
    { method: 'POST', path: `${one}/cancel`, action: `${kind}/runs/cancel/action`, versions },
    async ({ registry, params, reply }) => {
      await cancelRun(control, registry, params.runId ?? '');
      await reply.code(200).send();
    },
  );
  router.inRegistry(
    { method: 'POST', path: `${one}/listLogSasUrl`, action: `${kind}/runs/listLogSasUrl/action`, versions },
    async ({ registry, params }) => getRunLogLinks(control, registry, params.runId ?? ''),
  );
  // Ours: how many runs are served before this one; the specification has no word for it.
  router.inRegistry(
    { method: 'GET', path: `${one}/queuePosition`, action: `${kind}/runs/read`, versions },
    async ({ registry, params }) => getQueuePosition(control, registry, params.runId ?? ''),
  );
  // Ours as well: what an ARM Run does not tell.
  router.inRegistry(
    { method: 'GET', path: `${one}/steps`, action: `${kind}/runs/read`, versions },
    async ({ registry, params }) => {
      const { run, steps } = await listSteps(control, registry, params.runId ?? '');
      return { value: steps.map((step) => runStepBody(registry, run, step)) };
    },
  );
}
