import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { findDockerCli } from './docker-cli.ts';
import { openEngine } from './engine.ts';
import { importBusybox, openTestEngine, ownName, shell } from './testing.ts';
import { temporaryDirectory } from './testing-servers.ts';

/** A way to the engine of this machine that can be cut, as when the engine dies. */
async function engineThatCanGo(t: TestContext): Promise<{ host: string; cut: () => void }> {
  const socketPath = path.join(await temporaryDirectory(t), 'docker.sock');
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect('/var/run/docker.sock');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {}).on('close', () => other.destroy());
      one.pipe(other);
    }
  }).listen(socketPath);
  await once(server, 'listening');
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(cut);
  return { host: `unix://${socketPath}`, cut };
}

test('an engine that goes away under a container is the fault, not the step', async (t) => {
  const name = ownName(t, await openTestEngine());
  const { image, remove } = await importBusybox();
  t.after(remove);
  const { host, cut } = await engineThatCanGo(t);
  const engine = openEngine({ dockerCli: await findDockerCli(process.env), host });
  const running = engine.runContainer({
    ...shell(image, name, 'echo begun; sleep 20'),
    isKept: false,
    onOutput: cut,
    signal: new AbortController().signal,
  });
  await assert.rejects(running, { statusCode: 503, code: 'EngineUnavailable' });
});
