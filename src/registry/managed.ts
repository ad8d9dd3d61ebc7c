import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { stringify } from 'yaml';
import { ServiceError } from '../model/index.ts';
import { findDistribution, type Distribution } from './distribution.ts';

export interface ManagedRegistryOptions {
  /** Holds the registry's configuration, log and images. */
  readonly directory: string;
  readonly name: string;
  readonly tokenAuth: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certificateBundleFile: string;
  };
  readonly notifications: RegistryNotifications;
  readonly log: { warn(fields: object, message: string): void };
}

/** Where a registry tells of what is pushed to it, and with which bearer token. */
export interface RegistryNotifications {
  readonly url: string;
  readonly token: string;
  /** The CA of the receiver; undefined for those of the system. */
  readonly caFile: string | undefined;
}

export interface ManagedRegistry {
  /** Where it listens at this moment, on loopback: `http://127.0.0.1:41234`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs CNCF distribution as a child process, with token authentication. It is started again when it ends
 * by itself; one that a killed server left is ended first.
 * @throws ServiceError 503 `RegistryMissing`, `RegistryUnavailable`.
 */
export async function startManagedRegistry(options: ManagedRegistryOptions): Promise<ManagedRegistry> {
  const { directory, tokenAuth } = options;
  const files = {
    directory,
    configFile: path.join(directory, 'config.yml'),
    pidFile: path.join(directory, 'registry.pid'),
    certificateBundleFile: tokenAuth.certificateBundleFile,
    caFile: options.notifications.caFile,
  };
  const distribution = await findDistribution(files, process.env);
  await mkdir(path.join(directory, 'storage'), { recursive: true, mode: 0o700 });
  await distribution.endOrphan();
  const stopping = new AbortController();
  const start = (): Promise<Launched> => launch(distribution, files, options, stopping.signal);
  let current = await start();

  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await current.exited;
      if (stopping.signal.aborted) return;
      options.log.warn({ registry: options.name }, 'the registry process ended; starting it again');
      await delay(500, undefined, { signal: stopping.signal }).catch(() => {});
      const next = await start().catch(() => undefined);
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
      await distribution.endOrphan();
      await rm(files.pidFile, { force: true });
    },
  };
}

/** An image may have to be pulled first. */
const startTimeoutMs = 120_000;

interface Launched {
  readonly child: ChildProcess;
  readonly url: string;
  readonly exited: Promise<unknown>;
}

/** Starts the process on a free port and waits until it answers; tries other ports when one was taken. */
async function launch(
  distribution: Distribution,
  files: { configFile: string; pidFile: string },
  options: ManagedRegistryOptions,
  signal: AbortSignal,
): Promise<Launched> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    await writeFile(files.configFile, configuration(options, distribution.view(port)), { mode: 0o600 });
    const log = createWriteStream(path.join(options.directory, 'registry.log'), { flags: 'a', mode: 0o600 });
    await once(log, 'open');
    const { program, args } = distribution.command(port);
    // In a group of its own: Ctrl-C on the terminal is for us, and the registry ends last.
    const child = spawn(program, args, {
      stdio: ['ignore', log, log],
      env: distribution.env,
      detached: true,
    });
    log.end();
    const exited = Promise.race([once(child, 'exit'), once(child, 'error')]);
    const url = `http://127.0.0.1:${port}`;
    await writeFile(files.pidFile, `${child.pid}`);
    if (await answers(url, child, signal)) return { child, url, exited };
    await endChild(child);
    await distribution.endOrphan();
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
  const deadline = Date.now() + startTimeoutMs;
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

function configuration(
  { tokenAuth, notifications }: ManagedRegistryOptions,
  { storage, certificates, address }: ReturnType<Distribution['view']>,
): string {
  return stringify({
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storage },
      delete: { enabled: true },
      cache: { blobdescriptor: 'inmemory' },
    },
    http: {
      addr: address,
      relativeurls: true,
      headers: { 'X-Content-Type-Options': ['nosniff'] },
    },
    auth: {
      token: {
        realm: tokenAuth.realm,
        service: tokenAuth.service,
        issuer: tokenAuth.issuer,
        rootcertbundle: certificates,
      },
    },
    notifications: {
      endpoints: [
        {
          name: 'slipway',
          url: notifications.url,
          headers: { Authorization: [`Bearer ${notifications.token}`] },
          timeout: '5s',
          threshold: 3,
          backoff: '1s',
          ignore: { mediatypes: ['application/octet-stream'], actions: ['pull', 'mount', 'delete'] },
        },
      ],
    },
  });
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
