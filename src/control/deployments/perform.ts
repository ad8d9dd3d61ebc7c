import { ServiceError, type Deployment, type DeploymentError } from '../../model/index.ts';
import {
  beginDeploymentOperation,
  endDeployment,
  findDeploymentOperations,
  updateDeploymentOperation,
} from '../../store/index.ts';
import {
  lookupKey,
  LookupNeeded,
  type Json,
  type JsonObject,
  type KnownValues,
  type Plan,
  type PlannedResource,
} from '../../template/index.ts';
import type { ControlDeps } from '../deps.ts';
import { maskTexts } from './mask.ts';
import { planStored } from './plan.ts';
import {
  errorOf,
  pollingPathOf,
  resourcePath,
  statusName,
  waitForEnd,
  type ResourceApi,
} from './resource-api.ts';

interface Performance {
  readonly deps: ControlDeps;
  readonly api: ResourceApi;
  readonly deployment: Deployment;
  /** The server that has the lease. */
  readonly owner: string;
  readonly signal: AbortSignal;
}

/** The deployment was canceled, or taken up by another server. */
export class LeaseLost extends Error {}

/** `undefined`: made. `skipped`: what comes before it failed. */
type Outcome = DeploymentError | 'skipped' | undefined;

/**
 * Makes the resources of a deployment, or those that are left of it, and ends it. Each PUT is sent for itself;
 * what takes long is waited for at the same time. Throws when the signal aborts
 * or the lease is lost; it can be taken up again.
 */
export async function performDeployment(performance: Performance): Promise<void> {
  const { deps, deployment, owner } = performance;
  const { deploymentId } = deployment;
  const made: string[] = [];
  const end = (result: { outputs?: JsonObject; error?: DeploymentError }): Promise<void> =>
    endDeployment(deps.store.db, deploymentId, owner, {
      state: result.error ? 'Failed' : 'Succeeded',
      outputResources: made,
      ...result,
    });
  const planned = await orError(() => planStored(deps, deployment));
  if ('error' in planned) return end(planned);
  const plan = planned.value;
  const outcomes = await makeAll(performance, plan);
  for (const [index, { id }] of plan.resources.entries()) if (outcomes[index] === undefined) made.push(id);
  const failures = outcomes.filter((outcome) => outcome !== undefined && outcome !== 'skipped');
  if (failures.length > 0) return end({ error: deploymentFailed(failures) });
  const outputs = await orError(() => withLookups(performance, plan.outputs));
  if ('value' in outputs) return end({ outputs: outputs.value });
  const error = maskTexts(outputs.error, plan.secrets);
  const message = 'The template output evaluation failed. See inner errors for details.';
  return end({ error: { code: 'DeploymentOutputEvaluationFailed', message, details: [error] } });
}

function deploymentFailed(details: readonly DeploymentError[]): DeploymentError {
  return {
    code: 'DeploymentFailed',
    message:
      'At least one resource deployment operation failed. Please list deployment operations for details. ' +
      'Please see https://aka.ms/arm-deployment-operations for usage details.',
    details,
  };
}

async function makeAll(performance: Performance, plan: Plan): Promise<Outcome[]> {
  const { deps, deployment } = performance;
  const earlier = await findDeploymentOperations(deps.store.db, deployment.deploymentId);
  const outcomes = new Map<string, Promise<Outcome>>();
  let lastPut: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = lastPut.then(work);
    lastPut = result.catch(() => {});
    return result;
  };
  const all = plan.resources.map((resource, position) => {
    const outcome = (async (): Promise<Outcome> => {
      const before = await Promise.all(resource.dependsOn.map(async (key) => outcomes.get(key)));
      if (before.some((each) => each !== undefined)) return 'skipped';
      return makeOne(performance, plan, resource, {
        position,
        earlier: earlier.find((each) => each.position === position),
        inTurn,
      });
    })();
    outcomes.set(resource.key, outcome);
    return outcome;
  });
  await Promise.allSettled(all);
  return Promise.all(all);
}

interface Turn {
  readonly position: number;
  readonly earlier: Awaited<ReturnType<typeof findDeploymentOperations>>[number] | undefined;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

async function makeOne(
  performance: Performance,
  plan: Plan,
  resource: PlannedResource,
  { position, earlier, inTurn }: Turn,
): Promise<Outcome> {
  const { deps, api, deployment, owner, signal } = performance;
  const { db } = deps.store;
  const { deploymentId, caller } = deployment;
  if (earlier?.state === 'Succeeded') return undefined;
  const update = (change: Parameters<typeof updateDeploymentOperation>[3]): Promise<void> =>
    updateDeploymentOperation(db, deploymentId, position, change);
  const fail = async (error: DeploymentError, status?: number): Promise<DeploymentError> => {
    const shown = { target: resource.id, ...maskTexts(error, plan.secrets) };
    const statusCode = status === undefined ? 'Conflict' : statusName(status);
    await update({ state: 'Failed', statusCode, statusMessage: { error: shown } });
    return shown;
  };
  let pollingPath = earlier?.pollingPath;
  if (pollingPath === undefined) {
    const { id: resourceId, type: resourceType, apiVersion } = resource;
    const path = resourcePath(resourceId, apiVersion);
    const sent = await inTurn(async () => {
      signal.throwIfAborted();
      const begun = { position, resourceId, resourceType };
      if (!(await beginDeploymentOperation(db, deploymentId, owner, begun))) throw new LeaseLost();
      return orError(async () => {
        const body = await withLookups(performance, resource.body);
        return api.request(caller, 'PUT', path, body);
      });
    });
    if ('error' in sent) return fail(sent.error, 400);
    const answer = sent.value;
    if (answer.status >= 400) return fail(errorOf(answer), answer.status);
    pollingPath = pollingPathOf(answer, path);
    const statusCode = statusName(answer.status);
    await update({ state: 'Running', statusCode, ...(pollingPath !== undefined && { pollingPath }) });
  }
  const error = pollingPath === undefined ? undefined : await waitForEnd(api, caller, pollingPath, signal);
  if (error) return fail(error);
  await update({ state: 'Succeeded' });
  return undefined;
}

/** Evaluates, and fetches what the expressions refer to, until all of it is known. */
async function withLookups<T>(
  { api, deployment }: Performance,
  evaluate: (known: KnownValues) => T,
): Promise<T> {
  const known = new Map<string, Json>();
  for (;;) {
    try {
      return evaluate(known);
    } catch (error) {
      if (!(error instanceof LookupNeeded)) throw error;
      const { method, path, apiVersion } = error.lookup;
      const answer = await api.request(deployment.caller, method, resourcePath(path, apiVersion));
      if (answer.status >= 400) {
        const { code, message } = errorOf(answer);
        throw new ServiceError(answer.status, code, message, { target: path, cause: error });
      }
      known.set(lookupKey(error.lookup), answer.body);
    }
  }
}

/** What the template's author can mend is an error of the deployment; the rest is a fault of ours. */
async function orError<T>(work: () => Promise<T>): Promise<{ value: T } | { error: DeploymentError }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, message, target, details } = error;
    return {
      error: {
        code,
        message,
        ...(target !== undefined && { target }),
        ...(details.length > 0 && { details }),
      },
    };
  }
}
