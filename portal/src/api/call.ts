import { accessToken, endSession } from './session.ts';

const apiVersion = '2025-03-01-preview';

/** What the API refused: its message says what is wrong and what would be right. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may go well later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/**
 * One request to the API. `T` is what the API's description says that it answers.
 * @throws ApiError; 401 also ends the session.
 */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { method = 'GET', query = {}, body, signal } = options;
  const token = accessToken();
  if (token === undefined) throw new ApiError(401, 'SignedOut', 'You are signed out.');
  const url = new URL(path, location.origin);
  url.searchParams.set('api-version', apiVersion);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const response = await send(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const answer = await response.text();
  if (response.ok) return (answer === '' ? undefined : JSON.parse(answer)) as T;
  if (response.status === 401) endSession('Your session has ended. Sign in again to go on where you were.');
  throw errorOf(response.status, answer);
}

/**
 * Sends what only reads again when the connection broke: browsers drop connections whenever an interface of
 * the machine comes or goes, as those of Docker's networks do with each run.
 */
async function send(url: URL, request: RequestInit): Promise<Response> {
  const pausesMs = request.method === 'GET' ? [100, 400, 1000] : [];
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      return await fetch(url, request);
    } catch (error) {
      if (request.signal?.aborted) throw error;
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  throw new ApiError(0, 'ServerUnreachable', 'The server cannot be reached. Is it running?');
}

function errorOf(status: number, answer: string): ApiError {
  try {
    const { error } = JSON.parse(answer) as { error: { code: string; message: string } };
    return new ApiError(status, error.code, error.message);
  } catch {
    return new ApiError(status, 'Unknown', `The server answered ${status}.`);
  }
}

/** Asks for the page behind a `nextLink`, at this page's own origin, however the server calls itself. */
export function callNext<T>(nextLink: string, signal?: AbortSignal): Promise<T> {
  const { pathname, search } = new URL(nextLink);
  return call<T>(pathname + search, signal ? { signal } : {});
}
