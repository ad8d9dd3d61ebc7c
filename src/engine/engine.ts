import Docker from 'dockerode';
import { messageOf, ServiceError } from '../model/index.ts';
import { parseImageReference } from '../taskfile/index.ts';
import { orAbort } from './abort.ts';
import { readEnvironment, withValues, type ValuedArgument } from './build-arguments.ts';
import type { BuildOptions } from './build.ts';
import { limitBuildCache } from './build-cache-limit.ts';
import { buildWithCache } from './build-with-cache.ts';
import type { Containers } from './containers.ts';
import { emptyDirectory } from './empty-directory.ts';
import { inspectImage, pull, removeName } from './images.ts';
import { withLimits } from './limits.ts';
import { createNetwork } from './networks.ts';
import { push, type PushOptions } from './push.ts';
import { runContainer, startContainer } from './run-container.ts';
import { createRunGroups } from './run-groups.ts';
import { instanceLabel, removeLabelled } from './sweep.ts';

/** A Docker engine with BuildKit. */
export interface Engine extends Containers {
  /** Of the engine on this machine; undefined for one that is reached by TCP. */
  readonly socketPath: string | undefined;
  /** @throws ServiceError 503 `EngineUnavailable`: which engine, and what to do. */
  ping(signal: AbortSignal): Promise<void>;
  /** @throws ServiceError of the build; 503 `EngineUnavailable` when the engine went away meanwhile. */
  build(options: BuildOptions): Promise<{ imageId: string }>;
  /** @throws ServiceError of the push; 503 `EngineUnavailable` when the engine went away meanwhile. */
  push(options: PushOptions): Promise<{ digest: string }>;
  /** Takes a name off an image, unless the name belongs to another image by now. */
  removeImage(reference: string, imageId: string): Promise<void>;
  /** The digest of an image that the engine holds; undefined when it has none. */
  resolveDigest(reference: string): Promise<string | undefined>;
  /**
   * Forgets build cache, least recently used first, until it is no larger than this; images stay.
   * @returns the bytes that are free now
   */
  limitBuildCache(maxBytes: number, signal: AbortSignal): Promise<number>;
  /** Removes containers, networks and volumes that carry `slipway.instance={instanceId}`, and nothing else. */
  sweep(instanceId: string): Promise<void>;
}

/** @param options.host `unix:///path` or `tcp://…`; default: DOCKER_HOST, else the usual socket. */
export function openEngine(options: { dockerCli: string; host?: string }): Engine {
  const host = options.host ?? process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const docker = new Docker(addressOf(host));
  const cli = { program: options.dockerCli, env: clientEnvironment(host) };
  const ping = async (signal: AbortSignal): Promise<void> => {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(pingTimeoutMs)]);
      await orAbort(limit, docker.ping());
    } catch (error) {
      throw new ServiceError(
        503,
        'EngineUnavailable',
        `the Docker engine at ${host} does not answer (${messageOf(error)}); ` +
          'start it (dockerd, or systemctl start docker) or check that this user may use it',
        { cause: error },
      );
    }
  };
  /** Work that failed because the engine went away is not the work's own failure. */
  const onEngine = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      await ping(signal);
      throw error;
    }
  };
  const groups = createRunGroups(host);
  return {
    socketPath: host.startsWith('unix://') ? host.slice('unix://'.length) : undefined,
    ping,
    build: (buildOptions) =>
      onEngine(buildOptions.signal, () =>
        withLimits(groups, buildOptions.limits, valuesOf(buildOptions), (buildArguments) =>
          buildWithCache(cli, docker, { ...buildOptions, buildArguments }),
        ),
      ),
    push: (pushOptions) => onEngine(pushOptions.signal, () => push(cli, docker, pushOptions)),
    removeImage: (reference, imageId) => removeName(docker, reference, imageId),
    async resolveDigest(reference) {
      const image = await inspectImage(docker, reference);
      // The same image may be of several repositories, and each has a digest of its own for it.
      const { registry, repository } = parseImageReference(reference);
      return image?.RepoDigests.filter((each) => /@sha256:[0-9a-f]{64}$/.test(each))
        .map(parseImageReference)
        .find((each) => each.registry === registry && each.repository === repository)?.digest;
    },
    runContainer: (options) => onEngine(options.signal, () => runContainer(docker, groups, options)),
    startContainer: (options) => onEngine(options.signal, () => startContainer(docker, groups, options)),
    async findImage(reference) {
      return (await inspectImage(docker, reference))?.Id;
    },
    pull: (options) => onEngine(options.signal, () => pull(docker, options)),
    createNetwork: (options) => createNetwork(docker, options),
    removeLabelled: (label, value) => removeLabelled(docker, label, value),
    emptyDirectory: (directory) => emptyDirectory(docker, directory),
    limitBuildCache: (maxBytes, signal) => limitBuildCache(docker, maxBytes, signal),
    sweep: (instanceId) => removeLabelled(docker, instanceLabel, instanceId),
  };
}

function valuesOf({ buildArguments, environment = [] }: BuildOptions): ValuedArgument[] {
  return withValues(buildArguments, readEnvironment(environment));
}

/**
 * The environment of docker clients, without what is Slipway's own. buildx asks git about contexts, and git
 * runs programs that the configuration in a repository names: it must not.
 */
function clientEnvironment(host: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('SLIPWAY_'));
  return {
    ...Object.fromEntries(others),
    ...{ DOCKER_HOST: host, BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false' },
  };
}

const pingTimeoutMs = 5000;

function addressOf(host: string): Docker.DockerOptions {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const { hostname, port } = new URL(host);
  return { host: hostname, port: Number(port) || 2375 };
}
