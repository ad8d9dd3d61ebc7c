import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ServiceError } from '../model/index.ts';

const execute = promisify(execFile);

/** A way to run CNCF distribution as a child process that serves one directory on one loopback port. */
export interface Distribution {
  /** Where the process finds its files and listens; its configuration is written with these. */
  view(port: number): { readonly storage: string; readonly certificates: string; readonly address: string };
  command(port: number): { readonly program: string; readonly args: readonly string[] };
  readonly env: NodeJS.ProcessEnv;
  /** Ends what a server that was killed left running for this directory. */
  endOrphan(): Promise<void>;
}

interface Files {
  readonly directory: string;
  readonly configFile: string;
  readonly pidFile: string;
  readonly certificateBundleFile: string;
  /** The CA of whom it tells of pushes; undefined for those of the system. */
  readonly caFile: string | undefined;
}

const defaultImage = 'docker.io/library/registry:2';

/**
 * The image that `SLIPWAY_REGISTRY_IMAGE` names, else the program `docker-registry` (or `registry`) of this
 * machine, else distribution's own image on the Docker engine.
 * @throws ServiceError 503 `RegistryMissing` when there is neither the program nor a docker client.
 */
export async function findDistribution(files: Files, env: NodeJS.ProcessEnv): Promise<Distribution> {
  const image = env.SLIPWAY_REGISTRY_IMAGE;
  const program = findProgram(['docker-registry', 'registry'], env);
  if (!image && program !== undefined) return fromProgram(program, files, env);
  const docker = findProgram(['docker'], env);
  if (docker !== undefined) return fromImage(docker, image || defaultImage, files, env);
  throw new ServiceError(
    503,
    'RegistryMissing',
    'the OCI registry (CNCF distribution) is not installed, and there is no docker client to run its image; ' +
      'on Debian and Ubuntu: apt-get install docker-registry',
  );
}

function findProgram(names: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const directories = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin'];
  return names
    .flatMap((name) => directories.filter(Boolean).map((directory) => path.join(directory, name)))
    .find((file) => existsSync(file));
}

function fromProgram(program: string, files: Files, env: NodeJS.ProcessEnv): Distribution {
  const { directory, configFile, pidFile, certificateBundleFile, caFile } = files;
  return {
    view: (port) => ({
      storage: path.join(directory, 'storage'),
      certificates: certificateBundleFile,
      address: `127.0.0.1:${port}`,
    }),
    command: () => ({ program, args: ['serve', configFile] }),
    env: {
      PATH: env.PATH ?? '',
      OTEL_TRACES_EXPORTER: 'none',
      ...(caFile !== undefined && { SSL_CERT_FILE: caFile }),
    },
    async endOrphan() {
      const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
      if (!Number.isInteger(pid) || pid <= 1) return;
      const isOurs = async (): Promise<boolean> =>
        (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').includes(configFile);
      for (let waited = 0; await isOurs(); waited += 20) {
        if (waited === 0) process.kill(pid, 'SIGTERM');
        if (waited === 3000) process.kill(pid, 'SIGKILL');
        await delay(20);
      }
    },
  };
}

/** The container is called after its directory, so a next server finds the one that a killed server left. */
async function fromImage(
  docker: string,
  image: string,
  files: Files,
  env: NodeJS.ProcessEnv,
): Promise<Distribution> {
  const { directory, configFile, certificateBundleFile, caFile } = files;
  const digest = createHash('sha256').update(directory).digest('hex');
  const name = `slipway-registry-${digest.slice(0, 12)}`;
  const user = process.getuid ? ['--user', `${process.getuid()}:${process.getgid?.() ?? 0}`] : [];
  const clientEnv = Object.fromEntries(
    Object.entries(env).filter(([key]) => /^(PATH|HOME|USERPROFILE|DOCKER_.*)$/.test(key)),
  );
  const isOnOurNetwork = await sharesNetwork(docker, clientEnv);
  return {
    view: (port) => ({
      storage: '/slipway/storage',
      certificates: '/slipway/token.pem',
      address: isOnOurNetwork ? `127.0.0.1:${port}` : ':5000',
    }),
    command: (port) => ({
      program: docker,
      args: [
        ...['run', '--rm', '--name', name, ...user],
        ...(isOnOurNetwork ? ['--network', 'host'] : ['--publish', `127.0.0.1:${port}:5000`]),
        ...(caFile === undefined
          ? []
          : ['--volume', `${caFile}:/slipway/ca.pem:ro`, '--env', 'SSL_CERT_FILE=/slipway/ca.pem']),
        ...['--env', 'OTEL_TRACES_EXPORTER=none'],
        ...['--volume', `${path.join(directory, 'storage')}:/slipway/storage`],
        ...['--volume', `${certificateBundleFile}:/slipway/token.pem:ro`],
        ...['--volume', `${configFile}:/slipway/config.yml:ro`],
        ...['--entrypoint', 'registry', image, 'serve', '/slipway/config.yml'],
      ],
    }),
    env: clientEnv,
    async endOrphan() {
      await execute(docker, ['rm', '--force', name], { env: clientEnv }).catch(() => {}); // there was none
    },
  };
}

/**
 * Whether a container can have the network of this very machine, so that it reaches a server on localhost to tell
 * of pushes. In Docker Desktop, and with a rootless engine, the machine is another one.
 */
async function sharesNetwork(docker: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (process.platform !== 'linux' || !/^(?:unix:|$)/.test(env.DOCKER_HOST ?? '')) return false;
  const format = '{{.OperatingSystem}} {{.SecurityOptions}}';
  const about = await execute(docker, ['info', '--format', format], { env }).catch(() => undefined);
  return about !== undefined && !/Docker Desktop|name=rootless/.test(about.stdout);
}
