import { readFileSync } from 'node:fs';
import dns, { type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Readable } from 'node:stream';
import { Agent, request as send, type Dispatcher } from 'undici';

export interface HttpOptions {
  /** Certificate authority (PEM) that is trusted besides the system's. */
  readonly caFile?: string;
}

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: AsyncIterable<Uint8Array>;
  json(): Promise<unknown>;
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
}

/** HTTPS to a server of ours, over connections that are kept. */
export interface Http {
  readonly dispatcher: Dispatcher;
  request(url: string, request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** A client that trusts our CA and finds `localhost` names by itself. */
export function createHttp({ caFile }: HttpOptions): Http {
  const dispatcher = new Agent({
    connect: {
      lookup: lookupLocalhost,
      ...(caFile !== undefined && { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] }),
    },
    // A long poll is silent for as long as its own limit says.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  });
  return {
    dispatcher,
    async request(url, { method, headers = {}, body, signal }) {
      const response = await send(url, {
        dispatcher,
        method,
        headers,
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        body: response.body,
        json: () => response.body.json(),
        text: () => response.body.text(),
        bytes: () => response.body.bytes(),
      };
    },
    close: () => dispatcher.destroy(),
  };
}

/** `localhost` and every name below it is this machine (RFC 6761 §6.3), also where no resolver says so. */
const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
  if (!/(^|\.)localhost$/i.test(hostname)) {
    dns.lookup(hostname, options as dns.LookupOneOptions, callback);
    return;
  }
  const addresses: LookupAddress[] = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];
  if (options.all) callback(null, addresses);
  else callback(null, '127.0.0.1', 4);
};
