import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Secret } from '../model/index.ts';
import type { RegistryAuth } from './docker-config.ts';

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const hubKey = 'https://index.docker.io/v1/';

/** The registries that this user's docker client is logged in to (`DOCKER_CONFIG`, else `~/.docker`). */
export async function readDockerLogins(env: NodeJS.ProcessEnv): Promise<RegistryAuth[]> {
  const directory = env.DOCKER_CONFIG || path.join(os.homedir(), '.docker');
  const file = await readFile(path.join(directory, 'config.json'), 'utf8').catch(() => '{}');
  const { auths = {}, credHelpers = {}, credsStore } = JSON.parse(file) as DockerConfig; // docker's own format
  const registries = new Set([...Object.keys(auths), ...Object.keys(credHelpers)]);
  const logins = await Promise.all(
    [...registries].map(async (key) => {
      const registry = key === hubKey ? 'docker.io' : key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
      const given = auths[key]?.auth;
      if (given) return loginOf(registry, given);
      const helper = credHelpers[key] ?? credsStore;
      return helper === undefined ? undefined : askHelper(helper, key, registry);
    }),
  );
  return logins.filter((login) => login !== undefined);
}

function loginOf(registry: string, auth: string): RegistryAuth {
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return { registry, username, password: new Secret(password.join(':')) };
}

/** Undefined for a helper that is not there, or knows nothing of the registry. */
async function askHelper(helper: string, key: string, registry: string): Promise<RegistryAuth | undefined> {
  const child = spawn(`docker-credential-${helper}`, ['get'], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.on('error', () => {}); // its output is empty then
  child.stdin.on('error', () => {});
  child.stdin.end(key);
  try {
    const answer = JSON.parse(await text(child.stdout)) as { Username?: string; Secret?: string };
    if (answer.Username === undefined || answer.Secret === undefined) return undefined;
    return { registry, username: answer.Username, password: new Secret(answer.Secret) };
  } catch {
    return undefined;
  }
}
