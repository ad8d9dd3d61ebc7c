export { sendError as sendArmError } from './errors.ts';
export { armRoutes, type ArmDeps } from './plugin.ts';
