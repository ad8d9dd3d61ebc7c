import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { lookupLocalhost } from '../../client/index.ts';
import { messageOf, ServiceError } from '../../model/index.ts';

export interface Question {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent by POST, as a form; without one it is a GET. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined when it is no JSON. */
  readonly body: unknown;
}

/**
 * Asks a service of somebody else: an answer of 429 or 5xx, or none, is asked for again, as `Retry-After`
 * says or after half a second, one, two. Redirects are not followed.
 * @throws ServiceError 502 `HostUnknown`, 504 `NoAnswer`.
 */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

const maxTries = 4;
const tryMs = 10_000;
const maxAnswerBytes = 256 * 1024;

/** @param ca certificates to trust instead of Node's own (PEM). */
export function createAsk({ ca }: { readonly ca?: string } = {}): Ask {
  return async (question, signal) => {
    const { host } = new URL(question.url);
    let problem = '';
    for (let tried = 1; ; tried += 1) {
      let pauseMs = 500 * 2 ** (tried - 1);
      try {
        const answer = await askOnce(question, ca, AbortSignal.any([signal, AbortSignal.timeout(tryMs)]));
        if (answer.status !== 429 && answer.status < 500) return answer;
        if (tried === maxTries) return answer;
        problem = `it answered ${answer.status}`;
        pauseMs = retryAfterMs(answer.headers['retry-after']) ?? pauseMs;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') {
          throw new ServiceError(502, 'HostUnknown', `there is no host ${host}; is its name right?`);
        }
        if (!signal.aborted) problem = messageOf(error);
        if (tried === maxTries || signal.aborted) throw noAnswer(host, problem);
      }
      await delay(pauseMs, undefined, { signal }).catch(() => {
        throw noAnswer(host, problem);
      });
    }
  };
}

function noAnswer(host: string, problem: string): ServiceError {
  return new ServiceError(504, 'NoAnswer', `${host} did not answer in time${problem && `: ${problem}`}`);
}

async function askOnce(question: Question, ca: string | undefined, signal: AbortSignal): Promise<Answer> {
  const { url, form, headers = {} } = question;
  const body = form && new URLSearchParams(form).toString();
  const options = {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      ...headers,
      ...(body !== undefined && {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      }),
    },
    lookup: lookupLocalhost,
    signal,
  };
  // Only the machine's own identity endpoint is plain http.
  const request = url.startsWith('https:')
    ? https.request(url, { ...options, ...(ca !== undefined && { ca }) })
    : http.request(url, options);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new Error(`its answer is longer than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: parsed(Buffer.concat(chunks).toString()),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, Math.min(ms, 60_000));
}

/** A member of an answer, where there is one. */
export function textIn(body: unknown, ...path: string[]): string | undefined {
  let value: unknown = body;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' ? value : undefined;
}

/** What a service said, fit to stand in a message of ours: on one line, and not long. */
export function quoted(said: string | undefined): string {
  const line = (said ?? '').replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
  return line === '' ? '' : `: ${line.length > 300 ? `${line.slice(0, 300)}…` : line}`;
}
