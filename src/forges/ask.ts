import dns, { type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, fetch, type Response } from 'undici';
import { messageOf, ServiceError } from '../model/index.ts';

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
 * @throws ServiceError with the status of the answer, `ForgeRefused`; 503 `ForgeUnreachable`. The body of a
 *   refusal is not in it: it may be of a host that is none of the caller's business.
 */
export async function ask({ method, url, headers, body }: Question): Promise<unknown> {
  const { host, hostname } = new URL(url);
  let response: Response;
  try {
    if (isForbidden(hostname.replace(/^\[|\]$/g, ''))) throw new Error('its address is not allowed');
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

/** Link-local addresses, where clouds keep the credentials of their machines. */
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addAddress('fd00:ec2::254', 'ipv6');

/** Names are looked at when they have been resolved. */
function isForbidden(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && forbidden.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

const lookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '', 0);
    const allowed = addresses.filter(({ address }) => !isForbidden(address));
    const [first] = allowed;
    if (!first) callback(new Error('its address is not allowed'), '', 0);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

const dispatcher = new Agent({ connect: { lookup, timeout: timeoutMs } });
