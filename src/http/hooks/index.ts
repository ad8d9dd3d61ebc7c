export { imageHookRoutes } from './image-hook.ts';
export { registryHookRoutes } from './registry-hook.ts';
export { hookRoutes } from './routes.ts';
