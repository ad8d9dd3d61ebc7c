export { openQueue, type RunQueue } from './queue.ts';
