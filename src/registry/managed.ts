import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { stringify } from 'yaml';
import { ServiceError } from '../model/index.ts';

export interface ManagedRegistryOptions {
  /** Program to run; default: `docker-registry` or `registry` on the PATH. */
  readonly binary?: string;
  /** Holds the registry's configuration, log and images. */
  readonly directory: string;
  readonly name: string;
  readonly tokenAuth: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certificateBundleFile: string;
  };
  readonly log: { warn(fields: object, message: string): void };
}

export interface ManagedRegistry {
  /** Where it listens at this moment, on loopback: `http://127.0.0.1:41234`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs CNCF distribution as a child process, with token authentication. It is started again when it ends
 * by itself; one that a killed server left is ended first.
 * @throws ServiceError 503 `RegistryBinaryMissing`.
 */
export async function startManagedRegistry(options: ManagedRegistryOptions): Promise<ManagedRegistry> {
  const binary = options.binary ?? findBinary();
  await mkdir(path.join(options.directory, 'storage'), { recursive: true, mode: 0o700 });
  await endOrphan(options.directory);
  const stopping = new AbortController();
  let current = await launch(binary, options, stopping.signal);

  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await current.exited;
      if (stopping.signal.aborted) return;
      options.log.warn({ registry: options.name }, 'the registry process ended; starting it again');
      await delay(500, undefined, { signal: stopping.signal }).catch(() => {});
      const next = await launch(binary, options, stopping.signal).catch(() => undefined);
      if (next) current = next;
    }
  };
  const keeping = keep();
  return {
    get url() {
      return current.url;
    },
    async stop() {
      stopping.abort();
      await endChild(current.child);
      await keeping;
      await rm(pidFileIn(options.directory), { force: true });
    },
  };
}

interface Launched {
  readonly child: ChildProcess;
  readonly url: string;
  readonly exited: Promise<unknown>;
}

/** Starts the process on a free port and waits until it answers; tries other ports when one was taken. */
async function launch(
  binary: string,
  options: ManagedRegistryOptions,
  signal: AbortSignal,
): Promise<Launched> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const configFile = configFileIn(options.directory);
    await writeFile(configFile, configuration(options, port), { mode: 0o600 });
    const log = createWriteStream(path.join(options.directory, 'registry.log'), { flags: 'a', mode: 0o600 });
    await once(log, 'open');
    const child = spawn(binary, ['serve', configFile], {
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH ?? '', OTEL_TRACES_EXPORTER: 'none' },
    });
    log.end();
    const exited = Promise.race([once(child, 'exit'), once(child, 'error')]);
    const url = `http://127.0.0.1:${port}`;
    await writeFile(pidFileIn(options.directory), `${child.pid}`);
    if (await answers(url, child, signal)) return { child, url, exited };
    await endChild(child);
    if (tries === 5 || signal.aborted) {
      throw new ServiceError(
        503,
        'RegistryUnavailable',
        `the registry process of ${options.name} does not come up; see ${path.join(options.directory, 'registry.log')}`,
      );
    }
  }
}

async function answers(url: string, child: ChildProcess, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined && !signal.aborted) {
    try {
      const { statusCode, body } = await request(`${url}/v2/`);
      await body.dump();
      if (statusCode === 401) return true;
    } catch {
      // not yet
    }
    await delay(20);
  }
  return false;
}

function configuration({ directory, tokenAuth }: ManagedRegistryOptions, port: number): string {
  return stringify({
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: path.join(directory, 'storage') },
      delete: { enabled: true },
      cache: { blobdescriptor: 'inmemory' },
    },
    http: {
      addr: `127.0.0.1:${port}`,
      relativeurls: true,
      headers: { 'X-Content-Type-Options': ['nosniff'] },
    },
    auth: {
      token: {
        realm: tokenAuth.realm,
        service: tokenAuth.service,
        issuer: tokenAuth.issuer,
        rootcertbundle: tokenAuth.certificateBundleFile,
      },
    },
  });
}

function findBinary(): string {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/local/bin'];
  for (const name of ['docker-registry', 'registry']) {
    for (const directory of directories) {
      const file = path.join(directory, name);
      if (directory !== '' && existsSync(file)) return file;
    }
  }
  throw new ServiceError(
    503,
    'RegistryBinaryMissing',
    'the OCI registry (CNCF distribution) is not installed; on Debian and Ubuntu: apt-get install docker-registry',
  );
}

const configFileIn = (directory: string): string => path.join(directory, 'config.yml');
const pidFileIn = (directory: string): string => path.join(directory, 'registry.pid');

/** Ends the process that a killed server left behind, if it is really ours. */
async function endOrphan(directory: string): Promise<void> {
  const pid = Number(await readFile(pidFileIn(directory), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1) return;
  const isOurs = async (): Promise<boolean> =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
      .split('\0')
      .includes(configFileIn(directory));
  for (let waited = 0; await isOurs(); waited += 20) {
    if (waited === 0) process.kill(pid, 'SIGTERM');
    if (waited === 3000) process.kill(pid, 'SIGKILL');
    await delay(20);
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address
  server.close();
  await once(server, 'close');
  return port;
}
