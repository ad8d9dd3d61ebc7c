export { runAgent, type AgentOptions } from './agent.ts';
export { performLocally, type LocalRunOptions } from './local-run.ts';
export type { LogSink } from './run-log.ts';
