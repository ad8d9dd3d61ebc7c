// Servers that tests of this room start for themselves: a registry, and an engine that remembers nothing.
import { execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';

/** A directory that goes when the test ends. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-engine-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** CNCF distribution on a port of its own, open to all. @returns `127.0.0.1:port` */
export async function startRegistry(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const storage = { filesystem: { rootdirectory: path.join(directory, 'data') } };
  const config = path.join(directory, 'config.yml'); // JSON is YAML
  await writeFile(config, JSON.stringify({ version: 0.1, storage, http: { addr: host } }));
  const stop = startProcess('docker-registry', ['serve', config]);
  t.after(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });
  await until('the registry answers', async () => (await fetch(`http://${host}/v2/`)).ok);
  return host;
}

/** A Docker engine of the test's own, with nothing in it. @returns its address */
export async function startEngine(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-dockerd-'));
  const socketPath = path.join(directory, 'docker.sock');
  const data = path.join(directory, 'data');
  await mkdir(data);
  // A bridge of its own: an engine that is told to have none removes docker0, which is another engine's.
  const bridge = `slw${randomBytes(4).toString('hex')}`;
  const ip = (...args: string[]): Promise<unknown> => promisify(execFile)('ip', args);
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('addr', 'add', `10.213.${randomInt(256)}.1/24`, 'dev', bridge);
  const stop = startProcess('dockerd', [
    ...['--data-root', data, '--exec-root', path.join(directory, 'exec')],
    ...['--pidfile', path.join(directory, 'pid'), '--host', `unix://${socketPath}`],
    ...['--bridge', bridge, '--iptables=false', '--ip-masq=false'],
  ]);
  t.after(async () => {
    await stop();
    await ip('link', 'delete', bridge).catch(() => {});
    await promisify(execFile)('umount', [data]).catch(() => {}); // dockerd mounts it onto itself
    await rm(directory, { recursive: true, force: true });
  });
  const docker = new Docker({ socketPath });
  await until('the engine answers', async () => Boolean(await docker.ping()));
  return `unix://${socketPath}`;
}

function startProcess(program: string, args: readonly string[]): () => Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = once(child, 'exit').catch(() => {}); // it could not be started: what it serves does not answer
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  server.close();
  await once(server, 'close');
  return port;
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await check().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what}: not within a minute`);
    await delay(50);
  }
}
