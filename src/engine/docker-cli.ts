import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { ServiceError } from '../model/index.ts';
import type { CacheAbilities } from './build-cache.ts';

const run = promisify(execFile);

/**
 * The first docker client that can build with BuildKit: one before 23 has it built in, a later one needs
 * the buildx plugin. `SLIPWAY_DOCKER` names one outright.
 * @throws ServiceError 503 `EngineClientMissing`, with what to install.
 */
export async function findDockerCli(env: NodeJS.ProcessEnv): Promise<string> {
  const directories = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin'];
  const candidates = env.SLIPWAY_DOCKER
    ? [env.SLIPWAY_DOCKER]
    : [...new Set(directories.filter(Boolean).map((directory) => path.join(directory, 'docker')))];
  const withoutBuildKit: string[] = [];
  for (const candidate of candidates) {
    if (!(await isExecutable(candidate))) continue;
    if (await hasBuildKit(candidate)) return candidate;
    withoutBuildKit.push(candidate);
  }
  throw new ServiceError(
    503,
    'EngineClientMissing',
    withoutBuildKit.length > 0
      ? `${withoutBuildKit.join(' and ')} cannot build with BuildKit: install the plugin docker-buildx, ` +
          'or on Debian: apt-get install docker.io'
      : 'there is no docker client; on Debian and Ubuntu: apt-get install docker.io',
  );
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A client before 23 builds by itself, a later one through its plugin buildx. */
async function hasBuildxInside(cli: string): Promise<boolean> {
  const { stdout } = await run(cli, ['--version']);
  return !(Number(/version (\d+)\./.exec(stdout)?.[1]) < 23);
}

/** What client and engine can do with the cache of builds. */
export async function buildAbilities(cli: string, docker: Docker): Promise<CacheAbilities> {
  const [hasBuildx, info] = await Promise.all([
    hasBuildxInside(cli),
    docker.info() as Promise<{ DriverStatus?: [string, string][] | null }>,
  ]);
  const snapshotter = info.DriverStatus?.find(([name]) => name === 'driver-type')?.[1];
  return { hasBuildx, hasCacheExport: snapshotter?.startsWith('io.containerd.snapshotter') === true };
}

async function hasBuildKit(cli: string): Promise<boolean> {
  try {
    if (!(await hasBuildxInside(cli))) return true;
    await run(cli, ['buildx', 'version']);
    return true;
  } catch {
    return false;
  }
}
