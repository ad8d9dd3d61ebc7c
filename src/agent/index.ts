export { runAgent, type AgentOptions } from './agent.ts';
