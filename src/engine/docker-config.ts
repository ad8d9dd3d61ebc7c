import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Secret } from '../model/index.ts';

export interface RegistryAuth {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
}

/** Docker Hub goes by its old address in Docker's configuration. */
const hubKey = 'https://index.docker.io/v1/';

/** A Docker configuration with these credentials and no others, in a directory of its own (`DOCKER_CONFIG`). */
export async function writeDockerConfig(directory: string, auths: readonly RegistryAuth[]): Promise<void> {
  const entries = auths.map(({ registry, username, password }) => [
    /^(index\.|registry\.hub\.)?docker\.(io|com)$/.test(registry) ? hubKey : registry,
    { auth: Buffer.from(`${username}:${password.reveal()}`).toString('base64') },
  ]);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ auths: Object.fromEntries(entries) as object });
  await writeFile(path.join(directory, 'config.json'), text, { mode: 0o600 });
}
