import path from 'node:path';
import type { Logger } from '../control/index.ts';
import { defaultPoolName } from '../model/index.ts';
import { keepAgentRunning, type AgentProcessOptions } from './agent-process.ts';

export interface LocalAgentsOptions extends Pick<AgentProcessOptions, 'serverUrl' | 'caFile' | 'joinToken'> {
  /** Agents of the default pool. */
  readonly count: number;
  /** Each agent has a work directory of its own below. */
  readonly directory: string;
}

/** The agents of the default pool that the server starts by itself. */
export function startLocalAgents(options: LocalAgentsOptions, log: Logger): { stop(): Promise<void> } {
  const { count, directory, ...connection } = options;
  const stopping = new AbortController();
  const signals = { drain: new AbortController().signal, stop: stopping.signal };
  const agents = Array.from({ length: count }, (_, index) => {
    const name = `local-${index + 1}`;
    const place = { name, pool: defaultPoolName, workDirectory: path.join(directory, name) };
    return keepAgentRunning({ ...connection, ...place }, signals, log);
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(agents);
    },
  };
}
