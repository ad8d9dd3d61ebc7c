import { spawn } from 'node:child_process';
import { codeOf } from './errors.ts';

export interface GitRun {
  /** The working directory. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Each line that git writes to stderr. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Takes stdout instead of the result; returning false kills git. */
  readonly onStdout?: ((chunk: Buffer) => boolean) | undefined;
  /** No file that git or a helper writes may grow beyond it. */
  readonly maxFileBytes?: number | undefined;
}

export interface GitResult {
  readonly isSuccess: boolean;
  readonly stdout: string;
  /** The last 64 KiB. */
  readonly stderr: string;
}

const KEPT_CHARACTERS = 64 * 1024;

/**
 * Runs git in a process group of its own; an abort kills the whole group (git-remote-https, index-pack and
 * the rest) at once and rejects with the signal's reason when all are gone.
 * @throws Error when git is not installed
 */
export function runGit(args: readonly string[], run: GitRun): Promise<GitResult> {
  const { signal } = run;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const [program, ...rest] = commandLine(args, run.maxFileBytes);
    const git = spawn(program, rest, {
      cwd: run.cwd,
      env: run.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let partialLine = '';
    const kill = () => killGroup(git.pid);
    signal?.addEventListener('abort', kill, { once: true });
    git.stdout.on('data', (chunk: Buffer) => {
      if (run.onStdout === undefined) stdout = (stdout + chunk.toString()).slice(-KEPT_CHARACTERS);
      else if (!run.onStdout(chunk)) kill();
    });
    git.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT_CHARACTERS);
      const lines = (partialLine + text).split(/[\r\n]+/);
      partialLine = (lines.pop() ?? '').slice(-KEPT_CHARACTERS);
      for (const line of lines) if (line.trim() !== '') run.onLine?.(line);
    });
    git.once('error', (error) => {
      signal?.removeEventListener('abort', kill);
      const isMissing = codeOf(error) === 'ENOENT';
      reject(isMissing ? new Error('git is not installed on this machine', { cause: error }) : error);
    });
    git.once('close', (code) => {
      signal?.removeEventListener('abort', kill);
      if (signal?.aborted) return reject(signal.reason as Error);
      if (partialLine.trim() !== '') run.onLine?.(partialLine);
      resolve({ isSuccess: code === 0, stdout, stderr });
    });
  });
}

function commandLine(args: readonly string[], maxFileBytes: number | undefined): [string, ...string[]] {
  if (maxFileBytes === undefined) return ['git', ...args];
  const blocks = Math.ceil(maxFileBytes / 512); // the unit of POSIX's ulimit
  return ['/bin/sh', '-c', `ulimit -f ${blocks} && exec git "$@"`, 'git', ...args];
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
