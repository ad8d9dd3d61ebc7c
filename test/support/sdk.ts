import { readFile } from 'node:fs/promises';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import path from 'node:path';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { AnonymousCredential, BlockBlobClient } from '@azure/storage-blob';
import { ArmClient } from './arm.ts';
import type { TestServer } from './server.ts';

export interface Sdk {
  readonly client: ContainerRegistryManagementClient;
  /** The first two arguments of nearly every operation. */
  readonly group: string;
  readonly registry: string;
  readonly arm: ArmClient;
}

/** The generated client of the Azure SDK for JavaScript, unmodified, as a server's first service principal. */
export async function connectSdk(server: TestServer): Promise<Sdk> {
  const env = await server.clientEnv();
  const arm = await ArmClient.connect(server);
  const credential = {
    getToken: async () => ({ token: arm.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const client = new ContainerRegistryManagementClient(credential, env.SLIPWAY_SUBSCRIPTION ?? '', {
    endpoint: server.url,
    credentialScopes: `${server.url}/arm/.default`,
    tlsOptions: { ca: await readFile(path.join(server.data, 'tls', 'ca.pem'), 'utf8') },
  });
  return { client, arm, group: env.SLIPWAY_RESOURCE_GROUP ?? '', registry: env.SLIPWAY_REGISTRY ?? '' };
}

/**
 * Azure's unmodified client of one blob. It has no options for a CA and for names below `localhost`, so Node's
 * own agent gets them, which it takes when it keeps no connections.
 */
export async function connectBlob(server: TestServer, signedUrl: string): Promise<BlockBlobClient> {
  const ca = await readFile(path.join(server.data, 'tls', 'ca.pem'), 'utf8');
  Object.assign(https.globalAgent.options, { ca, lookup: lookupLoopback });
  return new BlockBlobClient(signedUrl, new AnonymousCredential(), { keepAliveOptions: { enable: false } });
}

const lookupLoopback: LookupFunction = (_hostname, { all }, callback) => {
  if (all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};
