import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
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
