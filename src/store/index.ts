export { openStore, type Store } from './open.ts';
export type { Notifier, Topic } from './notifier.ts';
export type { Database } from './schema.ts';
