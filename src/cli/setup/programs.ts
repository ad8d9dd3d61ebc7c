import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where a program is: on the PATH, or where Debian puts what only root uses. */
export async function findProgram(name: string): Promise<string | undefined> {
  const directories = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/bin',
    '/usr/sbin',
    '/usr/local/bin',
    '/bin',
  ];
  for (const directory of directories.filter(Boolean)) {
    const file = path.join(directory, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

/** Runs a program and answers what it printed. @throws Error with what it said when it fails. */
export async function output(program: string, args: readonly string[], env = process.env): Promise<string> {
  try {
    const { stdout } = await execute(program, [...args], { env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new Error(stderr.trim() === '' ? message : stderr.trim(), { cause: error });
  }
}

/**
 * Runs a program on this terminal and outlives it, also when both are told to end: Ctrl-C reaches the
 * program by itself, SIGTERM is passed on. @returns its exit code, 128 + n when a signal ended it.
 */
export async function runHere(program: string, args: readonly string[], env = process.env): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env });
  const onInterrupt = (): void => {};
  const onTerminate = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? os.constants.signals[signal] : 0);
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
  }
}
