import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, type FinalRunStatus, type Platform, type Secret } from '../model/index.ts';
import { endClients, type Engine } from '../engine/index.ts';
import type { RegistryLogin } from '../protocol/index.ts';
import { loginSecrets } from '../secrets/index.ts';
import type { FetchedSource } from '../sources/index.ts';
import type { Task } from '../taskfile/index.ts';
import { createInstance, findDeadInstances } from './instance.ts';
import { Stopped } from './lease.ts';
import { performRun } from './perform.ts';
import { removeDirectory } from './remove-directory.ts';
import { openRunLog, type LogSink } from './run-log.ts';
import type { Allowances } from './task/allowances.ts';

export interface LocalRunOptions {
  /** Holds the files of runs. */
  readonly workDirectory: string;
  readonly task: Task;
  readonly platform: Platform;
  readonly timeoutSeconds: number;
  readonly logins: readonly RegistryLogin[];
  readonly secrets: readonly Secret[];
  readonly allowances: Allowances;
  readonly maxParallelSteps: number;
  fetchSource(directory: string, signal: AbortSignal): Promise<FetchedSource>;
}

/**
 * Performs a task on this machine's engine without any server. Nothing of it is left when this returns; what
 * an earlier one that was killed left is swept first.
 * @param interrupted cancels it.
 */
export async function performLocally(
  engine: Engine,
  sink: LogSink,
  options: LocalRunOptions,
  interrupted: AbortSignal,
): Promise<{ readonly status: FinalRunStatus }> {
  const { workDirectory, logins } = options;
  await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  for (const id of await findDeadInstances(workDirectory)) {
    await endClients(path.join(workDirectory, id));
    await engine.sweep(id);
    await removeDirectory(engine, path.join(workDirectory, id));
  }
  const instance = await createInstance(workDirectory);
  const { instanceId, directory } = instance;
  const passwords = logins.flatMap(({ username, password }) => loginSecrets(username, password));
  const log = openRunLog(sink, [...options.secrets, ...passwords]);
  const stopping = new AbortController();
  const cancel = (): void => stopping.abort(new Stopped('canceled'));
  if (interrupted.aborted) cancel();
  interrupted.addEventListener('abort', cancel, { once: true });
  const timer = setTimeout(() => stopping.abort(new Stopped('timeout')), options.timeoutSeconds * 1000);
  const afterwards: (() => Promise<void>)[] = [];
  try {
    const { status } = await performRun(
      {
        ...{ engine, log, directory, instanceId, sourceLimits: {}, cacheName: 'quickrun' },
        ...{ allowances: options.allowances, maxParallelSteps: options.maxParallelSteps },
        limits: { group: `exec-${process.pid}`, onUnlimited() {} },
        fetchSource: (into, signal) => options.fetchSource(into, signal),
        readTask: async () => options.task,
        onStep() {},
        afterwards: (work) => afterwards.push(work),
      },
      {
        ...{ runKey: 0, runId: 'local', attempt: 1, limits: {}, logins, platform: options.platform },
        timeoutSeconds: options.timeoutSeconds,
      },
      stopping.signal,
    );
    return { status };
  } finally {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', cancel);
    for (const work of [...afterwards, () => removeDirectory(engine, directory)]) {
      await work().catch((error: unknown) => log.line(`Could not clean up: ${messageOf(error)}`));
    }
    await log.end();
    await instance.remove();
  }
}
