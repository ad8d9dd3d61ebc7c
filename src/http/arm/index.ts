export { armRoutes, type ArmDeps } from './plugin.ts';
