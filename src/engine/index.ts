export { findDockerCli } from './docker-cli.ts';
export { readDockerLogins } from './docker-logins.ts';
export { writeDockerConfig, type RegistryAuth } from './docker-config.ts';
export { openEngine, type Engine } from './engine.ts';
export { endClients, instanceLabel } from './sweep.ts';
export { ContainerFailed } from './container-failed.ts';
export type { ContainerEnd, ContainerOptions, Containers, EngineThing, Mount } from './containers.ts';
export { limitsObstacle, type BuildLimits } from './limits.ts';
export type { BuildArgument, BuildOptions } from './build.ts';
