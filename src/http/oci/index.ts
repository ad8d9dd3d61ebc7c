export { startLoginServer, type LoginServer, type LoginServerOptions } from './login-server.ts';
export type { Authenticate, Authenticated } from './tokens.ts';
