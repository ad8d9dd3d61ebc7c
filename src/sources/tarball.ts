import { request, type Dispatcher } from 'undici';
import { messageOf, ServiceError } from '../model/index.ts';
import { fetchArchive } from './archive.ts';
import { codeOf, fetchFailed } from './errors.ts';
import { withDefaults, type SourceLimits } from './limits.ts';
import type { TarballLocation } from './location.ts';
import { redactUrl } from './redact.ts';

export interface FetchTarballOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<SourceLimits> | undefined;
  /** Carries proxies and certificates; default undici's global one. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Default 5. */
  readonly maxRedirects?: number | undefined;
}

/**
 * Downloads a tar archive over http(s) and unpacks it into `directory`. Redirects may change host and scheme,
 * but only to http and https; the credential goes to the first origin alone.
 * @throws ServiceError 400 `SourceFetchFailed` when it cannot be downloaded, `InvalidSourceArchive` as `fetchArchive`
 */
export async function fetchTarball(
  location: TarballLocation,
  directory: string,
  options: FetchTarballOptions = {},
): Promise<void> {
  const limits = withDefaults(options.limits);
  const { signal } = options;
  const response = await download(location, options);
  const name = redactUrl(location.url);
  const sizeBytes = Number(response.headers['content-length'] ?? 0);
  if (sizeBytes > limits.maxTotalBytes) {
    response.body.on('error', () => {}).destroy(); // it says that it was aborted
    throw fetchFailed(
      `cannot fetch ${name}: it has ${sizeBytes} bytes; the limit is ${limits.maxTotalBytes} (maxTotalBytes)`,
    );
  }
  await fetchArchive(namedErrors(response.body, name, signal), directory, { limits, signal });
}

async function download(
  location: TarballLocation,
  options: FetchTarballOptions,
): Promise<Dispatcher.ResponseData> {
  const { signal, dispatcher, maxRedirects = 5 } = options;
  const first = new URL(location.url);
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const name = redactUrl(url.href);
    const response = await request(url, {
      headers: {
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'slipway',
        ...(location.credential && url.origin === first.origin
          ? { authorization: basic(location.credential.reveal()) }
          : {}),
      },
      ...(signal === undefined ? {} : { signal }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw fetchFailed(`cannot fetch ${name}: ${reasonOf(error)}`, error);
    });
    const { statusCode } = response;
    if (statusCode === 200) return response;
    await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
    signal?.throwIfAborted();
    const target = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(statusCode) || typeof target !== 'string') {
      throw fetchFailed(`cannot fetch ${name}: the server answers with status ${statusCode}`);
    }
    if (redirects >= maxRedirects) {
      throw fetchFailed(
        `cannot fetch ${redactUrl(first.href)}: more than ${maxRedirects} redirects in a row`,
      );
    }
    url = redirectTarget(target, url);
  }
}

export function redirectTarget(target: string, from: URL): URL {
  const url = URL.parse(target, from.href);
  const name = redactUrl(from.href);
  if (url === null) throw fetchFailed(`cannot fetch ${name}: it redirects to something that is no URL`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw fetchFailed(
      `cannot fetch ${name}: it redirects to a ${url.protocol} URL; only http and https are allowed`,
    );
  }
  url.username = '';
  url.password = '';
  return url;
}

/** RFC 7617; a user alone has an empty password. */
export function basic(credential: string): string {
  const pair = credential.includes(':') ? credential : `${credential}:`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** A connection that breaks during the download is an error of the source, named as one. */
export async function* namedErrors(
  body: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (signal?.aborted || error instanceof ServiceError) throw error;
    throw fetchFailed(`cannot fetch ${name}: the download broke off (${reasonOf(error)})`, error);
  }
}

export function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host is not known';
    case 'ECONNREFUSED':
      return 'the host refuses the connection';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'the host cannot be reached';
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'the server does not answer in time';
    default:
      return messageOf(error);
  }
}
