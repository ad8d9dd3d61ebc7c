import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../control/index.ts';

export interface LocalAgentsOptions {
  readonly count: number;
  readonly serverUrl: string;
  readonly caFile: string;
  readonly joinToken: string;
  /** Each agent has a work directory of its own below. */
  readonly directory: string;
}

/**
 * The agents that the server starts by itself, as processes of their own: one that ends is started
 * again. They hear of the server's end by their standard input: when it closes they finish the run in
 * hand and leave.
 */
export function startLocalAgents(options: LocalAgentsOptions, log: Logger): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const agents = Array.from({ length: options.count }, (_, index) =>
    keepRunning(options, `local-${index + 1}`, stopping.signal, log),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all(agents);
    },
  };
}

async function keepRunning(
  options: LocalAgentsOptions,
  name: string,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  while (!signal.aborted) {
    const child = spawnAgent(options, name);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const onStop = (): void => void endChild(child);
    signal.addEventListener('abort', onStop, { once: true });
    const [code, killedBy] = await ended;
    signal.removeEventListener('abort', onStop);
    if (signal.aborted) return;
    log.warn({ agent: name, code, signal: killedBy }, 'a local agent ended; starting another');
    await delay(500, undefined, { signal }).catch(() => {});
  }
}

function spawnAgent(options: LocalAgentsOptions, name: string): ChildProcess {
  const main = path.join(import.meta.dirname, '..', 'cli', 'main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, 'agent', '--server', options.serverUrl];
  args.push('--ca', options.caFile, '--name', name, '--until-stdin-closes');
  args.push('--work-directory', path.join(options.directory, name));
  return spawn(process.execPath, args, {
    stdio: ['pipe', 'inherit', 'inherit'],
    // In the environment, not among the arguments: those are for all to see.
    env: { ...process.env, SLIPWAY_AGENT_TOKEN: options.joinToken },
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await once(child, 'exit');
  clearTimeout(timer);
}
