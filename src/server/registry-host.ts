import { once } from 'node:events';
import { readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Logger, RegistryHost } from '../control/index.ts';
import { startLoginServer, type Authenticate, type LoginServer } from '../http/oci/index.ts';
import { ServiceError, type Registry } from '../model/index.ts';
import {
  pushArtifact,
  readPlaceDigest,
  signBlobLink,
  startManagedRegistry,
  tokenUser,
  type ArtifactPlace,
  type ManagedRegistry,
  type RegistryNotifications,
  type RegistryTokenService,
} from '../registry/index.ts';
import { blobTimes, limitBodyTime, plainTimes } from './body-time.ts';

export interface RegistryHostOptions {
  /** Each registry's images lie in a folder of its own below. */
  readonly directory: string;
  /** The name under which Docker reaches the login servers, and the address that they listen on. */
  readonly loginHost: string;
  readonly listenHost: string;
  /** Login servers take free ports from here on. */
  readonly firstPort: number;
  readonly tls: { readonly certPem: string; readonly keyPem: string };
  readonly tokenService: RegistryTokenService;
  readonly certificateBundleFile: string;
  readonly authenticate: (registry: Registry) => Authenticate;
  /** Where a registry tells of what is pushed to it. */
  readonly notifications: (registry: Registry) => RegistryNotifications;
  readonly isPortTaken: (port: number) => Promise<boolean>;
  /** Whether registries run here; otherwise another server of the deployment runs them. */
  readonly isHosting: boolean;
  readonly now: () => Date;
}

interface Running {
  readonly managed: ManagedRegistry;
  readonly front: LoginServer;
}

/** Runs a distribution process and a login server for each registry. */
export function createRegistryHost(
  options: RegistryHostOptions,
  log: Logger,
): RegistryHost & { stopAll(): Promise<void> } {
  const running = new Map<string, Promise<Running>>();
  const directoryOf = (registry: Registry): string => path.join(options.directory, registry.registryId);

  const bringUp = async (registry: Registry): Promise<Running> => {
    const managed = await startManagedRegistry({
      directory: directoryOf(registry),
      name: registry.name,
      tokenAuth: {
        realm: `https://${registry.loginServer}/oauth2/token`,
        service: registry.loginServer,
        issuer: options.tokenService.issuer,
        certificateBundleFile: options.certificateBundleFile,
      },
      notifications: options.notifications(registry),
      log,
    });
    try {
      const front = await startLoginServer({
        registryName: registry.name,
        loginServer: registry.loginServer,
        host: options.listenHost,
        port: registry.loginPort,
        tls: options.tls,
        upstream: () => managed.url,
        tokenService: options.tokenService,
        authenticate: options.authenticate(registry),
        onRequest: limitBodyTime(({ url = '' }) => (url.startsWith('/v2/') ? blobTimes : plainTimes)),
        now: options.now,
      });
      log.info({ registry: registry.name, loginServer: registry.loginServer }, 'registry is up');
      return { managed, front };
    } catch (error) {
      await managed.stop();
      throw error;
    }
  };
  const placeOf = async (
    registry: Registry,
    repository: string,
    actions: readonly string[],
  ): Promise<ArtifactPlace> => {
    const up = await running.get(registry.registryId);
    if (!up) throw new Error(`the registry ${registry.name} is not up`);
    const token = await options.tokenService.issueRegistryToken(
      {
        service: registry.loginServer,
        subject: 'slipway',
        access: [{ type: 'repository', name: repository, actions }],
        ttlSeconds: 3600,
      },
      options.now(),
    );
    return { url: up.managed.url, token };
  };
  const ending = new Map<string, Promise<void>>();
  const takeDown = async (registryId: string): Promise<void> => {
    const starting = running.get(registryId);
    running.delete(registryId);
    const up = await starting?.catch(() => undefined);
    await up?.front.stop();
    await up?.managed.stop();
  };

  return {
    async allocate() {
      for (let port = options.firstPort; port < 65_536; port += 1) {
        if (await options.isPortTaken(port)) continue;
        if (await isPortFree(options.listenHost, port)) {
          return { loginServer: `${options.loginHost}:${port}`, loginPort: port };
        }
      }
      throw new ServiceError(
        503,
        'NoFreePort',
        `no port from ${options.firstPort} on is free for a registry`,
      );
    },
    async start(registry) {
      if (!options.isHosting) return;
      const existing = running.get(registry.registryId);
      if (existing) return void (await existing);
      const starting = bringUp(registry);
      running.set(registry.registryId, starting);
      starting.catch(() => running.delete(registry.registryId));
      await starting;
    },
    async stop(registry, { isDeleted }) {
      const { registryId } = registry;
      const end = async (): Promise<void> => {
        await takeDown(registryId);
        if (isDeleted) await rm(directoryOf(registry), { recursive: true, force: true });
      };
      // Who asks a second time waits for the first.
      const ended = ending.get(registryId) ?? end().finally(() => ending.delete(registryId));
      ending.set(registryId, ended);
      await ended;
    },
    measure: (registry) => directorySizeBytes(directoryOf(registry)),
    async issueRunCredential(registry, runId, pushRepositories, ttlSeconds) {
      const push = pushRepositories.map((repository) => ({ repository, actions: ['pull', 'push'] }));
      const password = await options.tokenService.issueRegistryCredential(
        {
          registryName: registry.name,
          subject: `run:${runId}`,
          scopes: [...push, { repository: '*', actions: ['pull'] }],
          ttlSeconds,
        },
        options.now(),
      );
      return { username: tokenUser, password };
    },
    async pushArtifact(registry, artifact) {
      return pushArtifact(await placeOf(registry, artifact.repository, ['pull', 'push']), artifact);
    },
    isHosting: options.isHosting,
    async resolveTag(registry, repository, tag) {
      return readPlaceDigest(await placeOf(registry, repository, ['pull']), repository, tag);
    },
    signBlobLink: (registry, repository, digest, ttlSeconds) =>
      signBlobLink(options.tokenService, registry, { repository, digest, ttlSeconds }, options.now()),
    async stopAll() {
      await Promise.all([...running.keys()].map(takeDown));
    },
  };
}

async function isPortFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  const outcome = await Promise.race([
    once(server, 'error').then(() => false),
    once(server.listen(port, host), 'listening').then(() => true),
  ]);
  if (outcome) {
    server.close();
    await once(server, 'close');
  }
  return outcome;
}

async function directorySizeBytes(directory: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined); // deleted meanwhile
    sum += found?.size ?? 0;
  }
  return sum;
}
