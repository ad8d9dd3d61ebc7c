import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { openFileBlobStore } from '../blobs/index.ts';
import {
  ensureFirstResources,
  registryHook,
  startDeployments,
  startHousekeeping,
  startRegistries,
  startTriggers,
  type ControlDeps,
} from '../control/index.ts';
import { createTokenIssuer } from '../identity/index.ts';
import { openQueue } from '../queue/index.ts';
import { createRegistryTokenService, readManifestDigest } from '../registry/index.ts';
import { loadMasterKey, openSealer } from '../secrets/index.ts';
import { openKeyVault } from './key-vault.ts';
import { isLoginPortTaken, openStore } from '../store/index.ts';
import { anyButMachineOnly, guardedAgent } from '../outbound/index.ts';
import { createApp } from './app.ts';
import { createAuthenticate } from './authenticate.ts';
import { loadCertificate } from './certificate.ts';
import { writeClientEnv } from './client-env.ts';
import { loadJoinToken, loadSharedKeys } from './keys.ts';
import { startLocalAgents } from './local-agents.ts';
import { lockDataDirectory } from './lock.ts';
import type { ServerOptions } from './options.ts';
import { startPoolAgents } from './pool-agents.ts';
import { openPost } from './post-message.ts';
import { createRegistryHost } from './registry-host.ts';
import { createResourceApi } from './resource-api.ts';

export interface RunningServer {
  readonly url: string;
  readonly clientEnvFile: string;
  stop(): Promise<void>;
}

/** The account that az takes the blob host for: `{account}.blob.{suffix}`. */
export const blobAccount = 'slipway';

/**
 * Starts a server with all that belongs to it: state, queue, registries, faces, housekeeping, local
 * agents. What was started is stopped again when a later part fails.
 */
export async function startServer(options: ServerOptions, log: Logger): Promise<RunningServer> {
  const { dataDirectory, listen } = options;
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const now = (): Date => new Date();
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  const started = <T>(thing: T, end: (thing: T) => Promise<unknown>): T => {
    stops.push(() => end(thing));
    return thing;
  };
  try {
    started(await lockDataDirectory(dataDirectory), (unlock) => unlock());
    const publicUrl = `https://${listen.host}:${listen.port}`;
    const certificate = await loadCertificate(options, blobAccount);
    const keyFile = path.join(dataDirectory, 'master.key');
    const sealer = openSealer(await loadMasterKey(keyFile, options.masterKey));
    const keyVault = await openKeyVault(options, now);
    const location = options.databaseUrl
      ? { url: options.databaseUrl }
      : { directory: path.join(dataDirectory, 'db') };
    const store = started(await openStore(location), (it) => it.close());
    const queue = started(
      await openQueue(store, (error) => log.error({ err: error }, 'the queue reports a fault')),
      (it) => it.stop(),
    );
    const keys = await loadSharedKeys(store, sealer, randomUUID);
    const joinToken = await loadJoinToken(dataDirectory);
    const certificateBundleFile = path.join(dataDirectory, 'tls', 'registry-token.crt');
    await writeFile(certificateBundleFile, keys.registryTokenKey.certificatePem);
    const tokenService = createRegistryTokenService({ issuer: 'slipway', ...keys.registryTokenKey });
    const tokenIssuer = createTokenIssuer({
      issuer: `${publicUrl}/adfs`,
      tenantId: keys.tenantId,
      audience: `${publicUrl}/arm`,
      keys: [keys.signingKey],
    });
    const registries = started(
      createRegistryHost(
        {
          directory: path.join(dataDirectory, 'registry'),
          loginHost: listen.host,
          listenHost: listen.host,
          firstPort: options.registryPort,
          tls: certificate,
          tokenService,
          certificateBundleFile,
          notifications: (registry) => ({
            ...registryHook(control, registry),
            caFile: options.tls ? undefined : certificate.caFile,
          }),
          isHosting: options.hasRegistries,
          authenticate: (registry) => createAuthenticate(control, tokenService, tokenIssuer, registry),
          isPortTaken: (port) => isLoginPortTaken(store.db, port),
          now,
        },
        log,
      ),
      (it) => it.stopAll(),
    );
    const registryAgent = started(guardedAgent(anyButMachineOnly), (it) => it.destroy());
    const events = started(openPost(options.eventHosts), (it) => it.close());
    const control: ControlDeps = {
      store,
      queue,
      blobs: await openFileBlobStore({ directory: path.join(dataDirectory, 'blobs') }),
      sealer,
      registries,
      keyVault,
      readManifestDigest: (asked) => readManifestDigest(asked, registryAgent),
      post: events.post,
      config: {
        tenantId: keys.tenantId,
        publicUrl,
        hooksUrl: options.hooksUrl ?? publicUrl,
        blobUrl: `https://${blobAccount}.blob.${listen.host}:${listen.port}`,
        location: 'local',
        leaseSeconds: options.leaseSeconds,
        retentionDays: options.retentionDays,
        signedUrlSeconds: 3600,
        sasKey: keys.sasKey,
        hookKey: keys.hookKey,
        forkPullRequests: options.forkPullRequests,
        baseImageCheckSeconds: options.baseImageCheckMinutes * 60,
        joinTokenHash: joinToken.hash,
      },
      now,
      newId: randomUUID,
      log,
    };
    const first = await ensureFirstResources(control);
    await startRegistries(control);
    const clientEnvFile = await writeClientEnv(dataDirectory, {
      url: publicUrl,
      caFile: certificate.caFile,
      ...first,
    });
    const app = createApp({
      control,
      tokenIssuer,
      certificate,
      blobAccount,
      maxUploadBytes: options.maxUploadBytes,
      portalDirectory: options.portalDirectory,
      log,
    });
    started(await startHousekeeping(control), (it) => it.stop());
    started(await startTriggers(control), (it) => it.stop());
    await app.listen({ host: listen.host, port: listen.port });
    stops.push(() => app.close());
    started(startDeployments(control, createResourceApi(app, tokenIssuer, now)), (it) => it.stop());
    const agents = {
      serverUrl: publicUrl,
      caFile: certificate.caFile,
      joinToken: joinToken.token,
      directory: path.join(dataDirectory, 'agents'),
    };
    started(startLocalAgents({ ...agents, count: options.agents }, log), (it) => it.stop());
    if (options.agents > 0) started(startPoolAgents(control, agents), (it) => it.stop());
    log.info({ url: publicUrl, clientEnvFile }, 'slipway is up');
    return { url: publicUrl, clientEnvFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
