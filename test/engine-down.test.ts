import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient, isEnded } from './support/arm.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

/** A socket that leads to the real engine while it is up: an engine that can go away and come back. */
class Engine {
  readonly #socket: string;
  readonly #connections = new Set<Socket>();
  #server: Server | undefined;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async up(): Promise<void> {
    const real = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace('unix://', '');
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const engine = connect({ path: real, allowHalfOpen: true });
      for (const [from, to] of [
        [client, engine],
        [engine, client],
      ] as const) {
        this.#connections.add(from);
        from.on('error', () => to.destroy()).on('close', () => this.#connections.delete(from));
        from.pipe(to);
      }
    }).listen(this.#socket);
    await once(this.#server, 'listening');
  }

  async down(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    this.#server?.close();
    await rm(this.#socket, { force: true });
  }
}

test('an engine that is down: runs wait for it; one that goes away in a build is named in the last line', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-engine-'));
  const socket = path.join(directory, 'docker.sock');
  const engine = new Engine(socket);
  const context = await makeContext(busyboxBase, {
    'slow.Dockerfile': `${busyboxBase}\nARG ROUND\nRUN echo begun $ROUND && sleep 60\n`,
  });
  const server = await TestServer.start({ agents: 1, env: { DOCKER_HOST: `unix://${socket}` } });
  try {
    const arm = await ArmClient.connect(server);
    const archive = await archiveOfDirectory(context.directory);
    const schedule = async (request: Record<string, unknown> = {}): Promise<string> => {
      const { body } = await arm.schedule({ sourceLocation: await arm.upload(archive), ...request });
      return (body as { properties: { runId: string } }).properties.runId;
    };
    const waiting = await schedule();
    await until('the agent says which engine it waits for', async () => {
      const log = await readFile(server.logFile, 'utf8');
      return (
        log.includes(`the Docker engine at unix://${socket} does not answer`) && log.includes('start it')
      );
    });
    assert.equal((await arm.run(waiting)).properties.status, 'Queued');
    await engine.up();
    const run = await until('the run ends', async () => {
      const found = await arm.run(waiting);
      return isEnded(found) && found;
    });
    assert.equal(run.properties.status, 'Succeeded', await arm.log(waiting));

    const broken = await schedule({
      dockerFilePath: 'slow.Dockerfile',
      arguments: [{ name: 'ROUND', value: String(process.pid), isSecret: false }],
    });
    await until('the build is under way', async () => (await arm.log(broken)).includes('begun'));
    await engine.down();
    const ended = await until('the run ends', async () => {
      const found = await arm.run(broken);
      return isEnded(found) && found;
    });
    assert.equal(ended.properties.status, 'Error');
    const lastLine = (await arm.log(broken)).trim().split('\r\n').at(-1) ?? '';
    assert.match(lastLine, new RegExp(`Run ID: ${broken} failed .*the Docker engine at unix://${socket}`));
    assert.match(lastLine, /start it/);
  } finally {
    await engine.down();
    await server.stop();
    await context.remove();
    await rm(directory, { recursive: true, force: true });
  }
});
