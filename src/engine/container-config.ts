import type Docker from 'dockerode';
import type { RunLimits } from '../model/index.ts';
import type { ContainerOptions, Mount } from './containers.ts';
import { parsePorts } from './ports.ts';

/** What holds a container to limits: a group that it shares with others, or limits of its own. */
export type ContainerLimits = { readonly cgroupParent: string } | RunLimits;

/** What the engine is to be asked for. @throws ServiceError 400 `InvalidArgument` */
export function containerConfig(
  options: ContainerOptions,
  limits: ContainerLimits,
): Docker.ContainerCreateOptions {
  const { exposed, published } = parsePorts(options.ports, options.expose);
  const { network, networkAliases: aliases } = options;
  const isOwnNetwork = !/^(host|none|bridge|default|container:.*)$/.test(network);
  const cpus = smallest(options.cpus, 'cpu' in limits ? limits.cpu : undefined);
  const memory = 'memoryBytes' in limits ? limits.memoryBytes : undefined;
  return {
    name: options.name,
    Image: options.image,
    Labels: { ...options.labels },
    Env: [...options.environment],
    ...(options.command.length > 0 && { Cmd: [...options.command] }),
    ...(options.entryPoint !== undefined && { Entrypoint: [options.entryPoint] }),
    ...(options.user !== undefined && { User: options.user }),
    ...(options.workingDirectory !== undefined && { WorkingDir: options.workingDirectory }),
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: network,
      PortBindings: published,
      Mounts: options.mounts.map((mount) => mountConfig(mount, options.labels)),
      Privileged: options.isPrivileged,
      PidsLimit: maxProcesses,
      // the output goes to the reader alone: a log of the engine's own would only cost disk
      LogConfig: { Type: 'none', Config: {} },
      ...(options.isolation !== undefined && { Isolation: options.isolation }),
      ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
      ...(memory !== undefined && { Memory: memory, MemorySwap: memory }),
      ...('cgroupParent' in limits && { CgroupParent: limits.cgroupParent }),
    },
    ...(isOwnNetwork && {
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...aliases] } } },
    }),
  };
}

/** More than any build or test starts, and few enough for the machine to stay usable. */
const maxProcesses = 16_384;

function mountConfig(mount: Mount, labels: Readonly<Record<string, string>>): Docker.MountSettings {
  const shared = { Target: mount.target, ReadOnly: mount.isReadOnly === true };
  if ('directory' in mount) return { Type: 'bind', Source: mount.directory, ...shared };
  const volume = { NoCopy: false, Labels: { ...labels }, DriverConfig: { Name: 'local', Options: {} } };
  return { Type: 'volume', Source: mount.volume, ...shared, VolumeOptions: volume };
}

function smallest(...values: (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length > 0 ? Math.min(...given) : undefined;
}
