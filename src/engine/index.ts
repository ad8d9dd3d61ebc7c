export { findDockerCli } from './docker-cli.ts';
export { writeDockerConfig, type RegistryAuth } from './docker-config.ts';
export { openEngine, type Engine } from './engine.ts';
export { endClients } from './sweep.ts';
export { limitsObstacle, type BuildLimits } from './limits.ts';
export type { BuildArgument, BuildOptions } from './build.ts';
