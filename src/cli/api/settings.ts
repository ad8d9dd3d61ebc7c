import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ServiceError } from '../../model/index.ts';
import { defaultDataDirectory } from '../paths.ts';

/** Which server a command talks to, and as whom: the variables of `client.env`. */
export interface Settings {
  readonly url: string;
  readonly caFile: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly registry: string;
  readonly loginServer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * From the environment, and what it lacks from `--env-file`, `$SLIPWAY_ENV_FILE`, or the default server's
 * `client.env`. @throws ServiceError when a variable is in none of them.
 */
export async function loadSettings(envFile: string | undefined): Promise<Settings> {
  const file = envFile ?? process.env.SLIPWAY_ENV_FILE ?? path.join(defaultDataDirectory, 'client.env');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (envFile !== undefined)
      throw new ServiceError(400, 'NoEnvFile', `cannot read ${file}: ${error.message}`);
    return '';
  });
  const fromFile = parseEnv(text);
  // A file that was named counts more than what happens to be in the environment.
  const [first, second] = envFile === undefined ? [process.env, fromFile] : [fromFile, process.env];
  const get = (name: string): string => {
    const value = first[name] ?? second[name];
    if (value) return value;
    throw new ServiceError(
      400,
      'NoServer',
      `which server? ${name} is not set, and ${file} does not have it. ` +
        'Start one with ./slipway quickstart, or name the client.env of yours with --env-file',
    );
  };
  return {
    url: get('SLIPWAY_URL').replace(/\/+$/, ''),
    caFile: get('SLIPWAY_CA'),
    tenantId: get('SLIPWAY_TENANT'),
    subscriptionId: get('SLIPWAY_SUBSCRIPTION'),
    resourceGroup: get('SLIPWAY_RESOURCE_GROUP'),
    registry: get('SLIPWAY_REGISTRY'),
    loginServer: get('SLIPWAY_LOGIN_SERVER'),
    clientId: get('SLIPWAY_CLIENT_ID'),
    clientSecret: get('SLIPWAY_CLIENT_SECRET'),
  };
}
