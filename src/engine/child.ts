import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Output of a child as it comes; a promise makes the child wait. */
export type OnOutput = (chunk: Buffer) => void | Promise<void>;

/** How long a child may take to end by itself after it was asked to. */
const graceMs = 2000;

/**
 * Runs a program in a process group of its own and hands on what it prints. When the signal aborts, the
 * group is interrupted, then killed; the promise rejects with the signal's reason once it is gone.
 * @returns the exit code; 128 + n for a child that signal n ended.
 */
export async function runChild(
  program: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string; onOutput: OnOutput; signal: AbortSignal },
): Promise<number> {
  const { env, cwd, onOutput, signal } = options;
  signal.throwIfAborted();
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(cwd !== undefined && { cwd }),
  });
  const killGroup = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // it is gone already
    }
  };
  let killTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    killGroup('SIGINT');
    killTimer = setTimeout(() => killGroup('SIGKILL'), graceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const drained = Promise.all([child.stdout, child.stderr].map((stream) => drain(stream, onOutput)));
    const [code] = (await once(child, 'close')) as [number | null];
    await drained;
    signal.throwIfAborted();
    return code ?? 128 + 9;
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener('abort', onAbort);
    if (signal.aborted) killGroup('SIGKILL');
  }
}

async function drain(stream: AsyncIterable<Buffer>, onOutput: OnOutput): Promise<void> {
  for await (const chunk of stream) await onOutput(chunk);
}
