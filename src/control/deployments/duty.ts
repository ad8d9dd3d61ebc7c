import type { Deployment } from '../../model/index.ts';
import { claimDeployment, releaseDeployment, renewDeploymentLease } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { LeaseLost, performDeployment } from './perform.ts';
import type { ResourceApi } from './resource-api.ts';

/** A deployment whose server is silent for so long is taken up by another. */
const leaseSeconds = 10;
const lookEveryMs = 1000;

/** Performs deployments: new ones, and those whose server is gone. Every server of a deployment does so. */
export function startDeployments(deps: ControlDeps, api: ResourceApi): { stop(): Promise<void> } {
  const owner = deps.newId();
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const wait = { timeoutMs: lookEveryMs, signal: stopping.signal };
      const change = deps.store.notifier.wait('deployment', 'any', wait);
      try {
        const deployment = await claimDeployment(deps.store.db, owner, leaseSeconds);
        if (deployment) {
          const work: Promise<void> = performUnderLease(
            deps,
            api,
            deployment,
            owner,
            stopping.signal,
          ).finally(() => underWay.delete(work));
          underWay.add(work);
          continue;
        }
      } catch (error) {
        if (!stopping.signal.aborted) deps.log.error({ err: error }, 'deployments cannot be looked for');
      }
      await change;
    }
  };
  const looking = look();
  return {
    async stop() {
      stopping.abort();
      await looking;
      await Promise.all(underWay);
    },
  };
}

async function performUnderLease(
  deps: ControlDeps,
  api: ResourceApi,
  deployment: Deployment,
  owner: string,
  stopping: AbortSignal,
): Promise<void> {
  const { deploymentId, name } = deployment;
  const { db } = deps.store;
  const lost = new AbortController();
  const renew = async (): Promise<void> => {
    if (!(await renewDeploymentLease(db, deploymentId, owner, leaseSeconds))) lost.abort();
  };
  const timer = setInterval(
    () => {
      renew().catch((error: unknown) =>
        deps.log.warn({ err: error, deploymentId }, 'a lease was not renewed'),
      );
    },
    (leaseSeconds * 1000) / 5,
  );
  const signal = AbortSignal.any([stopping, lost.signal]);
  try {
    await performDeployment({ deps, api, deployment, owner, signal });
  } catch (error) {
    if (stopping.aborted) {
      await releaseDeployment(db, deploymentId, owner);
    } else if (!lost.signal.aborted && !(error instanceof LeaseLost)) {
      // Its lease passes, and it is tried again.
      deps.log.error({ err: error, deploymentId, name }, 'a deployment was interrupted');
    }
  } finally {
    clearInterval(timer);
  }
}
