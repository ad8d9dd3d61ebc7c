import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What a client needs to reach this server as its first service principal. */
export interface ClientEnv {
  readonly url: string;
  readonly caFile: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly registryName: string;
  readonly loginServer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Writes `client.env` (mode 0600), whole or not at all: lines of `NAME=value` that a shell can source. */
export async function writeClientEnv(directory: string, env: ClientEnv): Promise<string> {
  const variables = {
    SLIPWAY_URL: env.url,
    SLIPWAY_CA: env.caFile,
    SLIPWAY_TENANT: env.tenantId,
    SLIPWAY_SUBSCRIPTION: env.subscriptionId,
    SLIPWAY_RESOURCE_GROUP: env.resourceGroup,
    SLIPWAY_REGISTRY: env.registryName,
    SLIPWAY_LOGIN_SERVER: env.loginServer,
    SLIPWAY_CLIENT_ID: env.clientId,
    SLIPWAY_CLIENT_SECRET: env.clientSecret,
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quote(value)}\n`);
  const file = path.join(directory, 'client.env');
  await writeFile(`${file}.new`, lines.join(''), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}

function quote(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
