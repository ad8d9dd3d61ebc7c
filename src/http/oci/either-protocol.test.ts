import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { ensureServerCertificate } from '../../identity/index.ts';
import { createEitherServer } from './either-protocol.ts';

const headMs = 3000; // this process may stall for a while
let directory: string;
let either: ReturnType<typeof createEitherServer>;
let port: number;

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-either-'));
  const tls = await ensureServerCertificate({
    directory: path.join(directory, 'tls'),
    hostnames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
    now: new Date(),
  });
  const answerLate = async (response: { end(text: string): void }): Promise<void> => {
    await delay(headMs * 1.5);
    response.end('late');
  };
  either = createEitherServer((_request, response) => void answerLate(response), tls, headMs);
  either.listener.listen(0, '127.0.0.1');
  await once(either.listener, 'listening');
  port = (either.listener.address() as AddressInfo).port; // a TCP server's
});
after(async () => {
  either.closeConnections();
  either.listener.close();
  await rm(directory, { recursive: true });
});

for (const protocol of ['http', 'https'] as const) {
  async function open(): Promise<Socket> {
    const socket =
      protocol === 'http'
        ? connect(port, '127.0.0.1')
        : connectTls({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false });
    socket.setEncoding('utf8').on('error', () => {});
    await once(socket, protocol === 'http' ? 'connect' : 'secureConnect');
    return socket;
  }

  test(`${protocol}: who sends the head of a request drop by drop is cut off`, async (t) => {
    const socket = await open();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nx-slow: ');
    const dripping = setInterval(() => socket.write('x'), 50);
    t.after(() => clearInterval(dripping));
    socket.resume();
    await once(socket, 'close', { signal: AbortSignal.timeout(30_000) });
  });

  test(`${protocol}: an answer may take as long as it takes`, async (t) => {
    const socket = await open();
    t.after(() => socket.destroy());
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(30_000) })) as [string]; // as encoded
    assert.match(answer, /200 OK/);
  });
}
