export { startServer, type RunningServer } from './server.ts';
export type { ServerOptions } from './options.ts';
