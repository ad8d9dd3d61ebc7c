import { readFileSync } from 'node:fs';
import dns, { type LookupAddress } from 'node:dns';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { buffer, json, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { rootCertificates } from 'node:tls';

export interface HttpOptions {
  /** The server's root certificate, or its chain up to a well-known root (PEM). */
  readonly caFile?: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  json(): Promise<unknown>;
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
}

/** HTTPS to a server of ours, over connections that are kept. */
export interface Http {
  request(url: string, request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/**
 * A client that trusts our CA and finds `localhost` names by itself. Node's own `https`: it is there at
 * once, which a command that is typed again and again notices.
 */
export function createHttp({ caFile }: HttpOptions): Http {
  const agent = new https.Agent({
    keepAlive: true,
    lookup: lookupLocalhost,
    ...(caFile !== undefined && { ca: trusted(readFileSync(caFile, 'utf8')) }),
  });
  return {
    async request(url, { method, headers = {}, body, signal }) {
      const length =
        typeof body === 'string' || body instanceof Uint8Array ? Buffer.byteLength(body) : undefined;
      const request = https.request(url, {
        agent,
        method,
        headers: { ...headers, ...(length !== undefined && { 'content-length': length }) },
        ...(signal && { signal }),
      });
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      if (body instanceof Readable) {
        // A server that refuses the body closes the connection: what it answered counts more.
        pipeline(body, request).catch((error: Error) => request.destroyed || request.destroy(error));
      } else request.end(body);
      const [response] = await answered;
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: response,
        json: () => json(response),
        text: () => text(response),
        bytes: () => buffer(response),
      };
    },
    close: () => agent.destroy(),
  };
}

/** A root of its own stands alone, which spares each command the well-known ones; a chain needs them. */
function trusted(pem: string): string[] {
  const { subject, issuer } = new X509Certificate(pem);
  return subject === issuer ? [pem] : [...rootCertificates, pem];
}

/** `localhost` and every name below it is this machine (RFC 6761 §6.3), also where no resolver says so. */
export const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
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
