import { STATUS_CODES } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentCaller, DeploymentError } from '../../model/index.ts';
import { isObject, type Json } from '../../template/index.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Json;
}

/** Our own ARM API, called without a socket: what a deployment makes passes the same doors as any request. */
export interface ResourceApi {
  /** @param path from `/subscriptions` on, with its `api-version`. */
  request(
    caller: DeploymentCaller,
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: Json,
  ): Promise<ApiAnswer>;
}

export function resourcePath(id: string, apiVersion: string): string {
  return `${encodeURI(id)}?${new URLSearchParams({ 'api-version': apiVersion })}`;
}

/** `Created`, `BadRequest`: an HTTP status by the name that .NET gives it. */
export function statusName(status: number): string {
  return status === 200 ? 'OK' : (STATUS_CODES[status] ?? `${status}`).replaceAll(/[^A-Za-z]/g, '');
}

export function errorOf({ status, body }: ApiAnswer): DeploymentError {
  const error = isObject(body) ? body.error : undefined;
  return isObject(error)
    ? (error as unknown as DeploymentError) // an error of our own API
    : { code: statusName(status), message: `The resource provider answered with status ${status}.` };
}

/** Where the end of what a PUT began can be asked for; undefined when it has ended. */
export function pollingPathOf({ headers, body }: ApiAnswer, resource: string): string | undefined {
  const url = headers['azure-asyncoperation'] ?? headers.location;
  if (typeof url === 'string') {
    const { pathname, search } = new URL(url, 'https://localhost');
    return pathname + search;
  }
  return isUnderWay(stateOf(body)) ? resource : undefined;
}

/** An operation's `status`, or a resource's `provisioningState`. */
function stateOf(body: Json): string {
  if (!isObject(body)) return '';
  const state = body.status ?? (isObject(body.properties) ? body.properties.provisioningState : undefined);
  return typeof state === 'string' ? state : '';
}

function isUnderWay(state: string): boolean {
  return /^(accepted|running|inprogress|creating|updating|deleting)$/i.test(state);
}

const [firstPauseMs, longestPauseMs] = [100, 1000];

/** Waits for the end of a long-running operation. @returns why it failed, or undefined. */
export async function waitForEnd(
  api: ResourceApi,
  caller: DeploymentCaller,
  path: string,
  signal: AbortSignal,
): Promise<DeploymentError | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const answer = await api.request(caller, 'GET', path);
    if (answer.status >= 400) return errorOf(answer);
    const state = stateOf(answer.body);
    if (/^(failed|canceled)$/i.test(state)) {
      const message = `The resource operation completed with terminal provisioning state '${state}'.`;
      const hasError = isObject(answer.body) && isObject(answer.body.error);
      return hasError ? errorOf(answer) : { code: 'ResourceDeploymentFailure', message };
    }
    if (answer.status !== 202 && !isUnderWay(state)) return undefined;
    await delay(pauseMs, undefined, { signal });
  }
}
