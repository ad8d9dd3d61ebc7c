import { fetch, type Response } from 'undici';
import { messageOf, ServiceError } from '../model/index.ts';
import { anyButMachineOnly, guardedAgent } from '../outbound/index.ts';
import { ForgeBusy, restAsked } from './busy.ts';

const timeoutMs = 15_000;
const maxAnswerBytes = 2 * 1024 * 1024;

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

/**
 * Asks a provider's API. No redirects are followed, answers are limited in time and size, and addresses of a
 * cloud's metadata service are not connected to: who writes a task chooses the host.
 * @returns the parsed answer; undefined for an empty one.
 * @throws ServiceError with the status of the answer, `ForgeRefused`; `ForgeBusy`; 503 `ForgeUnreachable`. The body
 *   of a refusal is not in it: it may be of a host that is none of the caller's business.
 */
export async function ask({ method, url, headers, body }: Question): Promise<unknown> {
  const { host } = new URL(url);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'slipway',
        ...headers,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      dispatcher,
    });
    if (response.ok) return await readJson(response);
    await response.body?.cancel();
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new ServiceError(503, 'ForgeUnreachable', `${host} cannot be asked: ${messageOf(cause)}`);
  }
  const { status } = response;
  const rest = restAsked(status, response.headers, new Date());
  if (rest) throw new ForgeBusy(host, rest.seconds);
  const hint = hints[status] ?? (status >= 300 && status < 400 ? 'redirects are not followed' : '');
  throw new ServiceError(status, 'ForgeRefused', `${host} answered ${status}${hint && `: ${hint}`}`);
}

const hints: Readonly<Record<number, string>> = {
  401: 'it does not take the token of the trigger',
  403: 'the token of the trigger may not do this',
  404: 'there is no such repository, or the token of the trigger may not see its hooks',
  422: 'it does not take these values; is the URL of this server reachable from there (--hooks-url)?',
};

async function readJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array; // fetch's bodies are bytes
    size += bytes.byteLength;
    if (size > maxAnswerBytes) throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`);
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString();
  return text.trim() === '' ? undefined : (JSON.parse(text) as unknown);
}

const dispatcher = guardedAgent(anyButMachineOnly);
