import { ServiceError } from '../model/index.ts';
import {
  agentApiPrefix,
  type CompleteRequest,
  type HeartbeatResponse,
  type LogResponse,
  type RegisterRequest,
  type RegisterResponse,
  type RunAssignment,
  type SecretsRequest,
  type SecretsResponse,
} from '../protocol/index.ts';
import type { Http } from '../client/index.ts';

/** The server as an agent sees it. A call fails with `ServiceError` when the server refuses it. */
export interface Connection {
  readonly leaseSeconds: number;
  claim(signal: AbortSignal): Promise<RunAssignment | undefined>;
  heartbeat(
    runKey: number,
    attempt: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<HeartbeatResponse>;
  log(
    runKey: number,
    attempt: number,
    offset: number,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<LogResponse>;
  secrets(runKey: number, request: SecretsRequest, signal: AbortSignal): Promise<SecretsResponse>;
  complete(runKey: number, report: CompleteRequest, signal: AbortSignal): Promise<void>;
  deregister(signal: AbortSignal): Promise<void>;
}

/** Joins the server as one instance. @throws ServiceError when the token or the version is refused. */
export async function connectAgent(
  http: Http,
  server: string,
  joinToken: string,
  request: RegisterRequest,
  signal: AbortSignal,
): Promise<Connection> {
  const call = async (
    path: string,
    token: string,
    body: object | Uint8Array,
    signal: AbortSignal,
    timeoutMs = 30_000,
  ): Promise<unknown> => {
    const isBytes = body instanceof Uint8Array;
    const response = await http.request(`${server}${agentApiPrefix}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      },
      body: isBytes ? body : JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (response.status === 204) return undefined;
    const answer = await response.json();
    if (response.status < 300) return answer;
    const { error } = answer as { error?: { code?: string; message?: string } };
    throw new ServiceError(
      response.status,
      error?.code ?? 'Unknown',
      error?.message ?? `status ${response.status}`,
    );
  };
  const registered = (await call('/register', joinToken, request, signal)) as RegisterResponse;
  const { agentToken, leaseSeconds } = registered;
  return {
    leaseSeconds,
    claim: async (signal) =>
      (await call('/claim', agentToken, {}, signal, 60_000)) as RunAssignment | undefined,
    heartbeat: async (runKey, attempt, waitSeconds, signal) =>
      (await call(
        `/runs/${runKey}/heartbeat`,
        agentToken,
        { attempt, waitSeconds },
        signal,
      )) as HeartbeatResponse,
    log: async (runKey, attempt, offset, bytes, signal) =>
      (await call(
        `/runs/${runKey}/log?attempt=${attempt}&offset=${offset}`,
        agentToken,
        bytes,
        signal,
      )) as LogResponse,
    secrets: async (runKey, request, signal) =>
      (await call(`/runs/${runKey}/secrets`, agentToken, request, signal)) as SecretsResponse,
    complete: async (runKey, report, signal) => {
      await call(`/runs/${runKey}/complete`, agentToken, report, signal);
    },
    deregister: async (signal) => {
      await call('/deregister', agentToken, {}, signal, 3000);
    },
  };
}

/** Whether the server itself said no: calling again would not help. */
export function isRefusal(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.statusCode < 500 && error.statusCode !== 429;
}
