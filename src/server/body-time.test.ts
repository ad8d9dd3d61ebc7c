import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import fastify from 'fastify';
import { limitBodyTime, type BodyTimes } from './body-time.ts';

const never = 3_600_000;
const short = 1500;

/** Answers how many bytes a body had, after the body and so many milliseconds; `/refused` answers at once. */
async function start(t: TestContext, times: Partial<BodyTimes>) {
  const app = fastify();
  const all = { idleMs: never, wholeMs: never, leftoverMs: never, ...times };
  app.addHook(
    'onRequest',
    limitBodyTime(() => all),
  );
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post<{ Querystring: { waitMs?: string } }>('/', async ({ body, query }) => {
    await delay(Number(query.waitMs ?? 0));
    return { bytes: (body as Buffer).length };
  });
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null);
    });
    scope.post('/refused', (_request, reply) => reply.code(403).send());
  });
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  t.after(() => app.close());
  return {
    async open(): Promise<Socket> {
      const socket = connect(Number(url.port), url.hostname).setEncoding('utf8');
      socket.on('error', () => {}); // it may be reset
      t.after(() => socket.destroy());
      await once(socket, 'connect');
      return socket;
    },
  };
}

const head = (bytes: number, path = '/'): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: a/b\r\ncontent-length: ${bytes}\r\n\r\n`;
const isCut = (socket: Socket): Promise<unknown> =>
  once(socket, 'close', { signal: AbortSignal.timeout(30_000) });
const answerOn = async (socket: Socket): Promise<string> => {
  const [text] = (await once(socket, 'data', { signal: AbortSignal.timeout(30_000) })) as [string]; // as encoded
  return text;
};

test('who stops in the middle of a body is cut off', async (t) => {
  const socket = await (await start(t, { idleMs: short })).open();
  socket.write(`${head(100)}x`);
  await isCut(socket);
});

test('who sends a body drop by drop is cut off', async (t) => {
  const socket = await (await start(t, { wholeMs: short })).open();
  socket.write(head(1_000_000));
  const dripping = setInterval(() => socket.write('x'), 50);
  t.after(() => clearInterval(dripping));
  await isCut(socket);
});

test('a body that keeps coming may take longer than one that stops', async (t) => {
  const idleMs = 5000; // this process may stall for a while
  const socket = await (await start(t, { idleMs })).open();
  socket.write(head(12));
  for (let sent = 0; sent < 12; sent += 1) {
    socket.write('x');
    await delay(idleMs / 10);
  }
  assert.match(await answerOn(socket), /200 OK[^]*"bytes":12/);
});

test('what is waited for after the body is not limited, nor what comes next on the connection', async (t) => {
  const socket = await (await start(t, { idleMs: short, wholeMs: short })).open();
  socket.write(`${head(1, `/?waitMs=${short * 2}`)}x`);
  assert.match(await answerOn(socket), /200 OK[^]*"bytes":1/);
  await delay(short * 1.5);
  socket.write(`${head(2)}xy`);
  assert.match(await answerOn(socket), /200 OK[^]*"bytes":2/);
});

test('many requests on one connection leave nothing on it', async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const socket = await (await start(t, {})).open();
  for (let count = 0; count < 20; count += 1) {
    socket.write(`${head(1)}x`);
    assert.match(await answerOn(socket), /200 OK/);
  }
  await setImmediate(); // warnings come in a turn of their own
  assert.deepEqual(warnings, []);
});

test('who goes on with what was refused is cut off', async (t) => {
  const socket = await (await start(t, { leftoverMs: short })).open();
  socket.write(head(1_000_000, '/refused'));
  assert.match(await answerOn(socket), /403 Forbidden/);
  const dripping = setInterval(() => socket.write('x'), 50);
  t.after(() => clearInterval(dripping));
  await isCut(socket);
});
