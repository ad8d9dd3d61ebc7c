import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
}

/** A receiver of webhooks. It answers with `status`, which may be changed, and keeps what came. */
export interface Receiver {
  readonly url: string;
  status: number;
  /** What came is kept at once, and answered when this is over. */
  hold: Promise<void>;
  readonly received: Received[];
  /** The bodies of those that it took, in their order. */
  taken(): Record<string, unknown>[];
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { status } = receiver;
      received.push({ headers: request.headers, body, status });
      void receiver.hold.then(() => response.writeHead(status).end());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    status: 200,
    hold: Promise.resolve(),
    received,
    taken: () =>
      received
        .filter(({ status }) => status < 300)
        .map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** Fails unless a message was signed with this key. */
export function assertSigned({ headers, body }: Received, key: string): void {
  const timestamp = String(headers['x-slipway-timestamp']);
  const expected = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
  assert.equal(headers['x-slipway-signature-256'], `sha256=${expected}`);
}
