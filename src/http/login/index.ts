export { loginRoutes, type LoginDeps, type Suffixes } from './routes.ts';
