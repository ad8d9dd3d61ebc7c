import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../control/index.ts';

export interface AgentProcessOptions {
  readonly serverUrl: string;
  readonly caFile: string;
  readonly joinToken: string;
  readonly name: string;
  readonly pool: string;
  /** For the files of its runs. */
  readonly workDirectory: string;
}

/**
 * Keeps one agent running, as a process of its own: when it ends it is started again. It hears of the
 * server's end by its standard input. `drain` lets it finish the run in hand, `stop` does not.
 */
export async function keepAgentRunning(
  options: AgentProcessOptions,
  signals: { readonly drain: AbortSignal; readonly stop: AbortSignal },
  log: Logger,
): Promise<void> {
  const { drain, stop } = signals;
  const either = AbortSignal.any([drain, stop]);
  while (!either.aborted) {
    const child = spawnAgent(options);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const onDrain = (): void => void child.stdin?.end();
    const onStop = (): void => void endChild(child);
    drain.addEventListener('abort', onDrain, { once: true });
    stop.addEventListener('abort', onStop, { once: true });
    const [code, killedBy] = await ended;
    drain.removeEventListener('abort', onDrain);
    stop.removeEventListener('abort', onStop);
    if (either.aborted) return;
    const { name: agent, pool } = options;
    log.warn({ agent, pool, code, signal: killedBy }, 'a local agent ended; starting another');
    await delay(500, undefined, { signal: either }).catch(() => {});
  }
}

function spawnAgent(options: AgentProcessOptions): ChildProcess {
  const main = path.join(import.meta.dirname, '..', 'cli', 'main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, 'agent', '--server', options.serverUrl];
  args.push('--ca', options.caFile, '--name', options.name, '--pool', options.pool);
  args.push('--until-stdin-closes', '--work-directory', options.workDirectory);
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
