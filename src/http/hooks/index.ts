export { registryHookRoutes } from './registry-hook.ts';
