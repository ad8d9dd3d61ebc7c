import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openEngine } from '../../engine/index.ts';
import { messageOf, ServiceError } from '../../model/index.ts';
import { stateDirectory } from '../paths.ts';
import { ensurePrograms, needs } from './packages.ts';
import { findProgram, output } from './programs.ts';
import { say, step } from './say.ts';

/** A Docker engine to work with, and how to leave it as it was found. */
export interface UsableEngine {
  /** What a docker client needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;

/**
 * The engine that runs on this machine already; otherwise one of our own, installed when it is missing,
 * whose files, socket and images lie apart from everything else.
 */
export async function ensureEngine(): Promise<UsableEngine> {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  if (await answers(host)) return { env: { DOCKER_HOST: host }, stop: async () => {} };
  await ensurePrograms([needs.docker]);
  return step('Starting a Docker engine', startEngine);
}

export async function answers(host: string): Promise<boolean> {
  return openEngine({ dockerCli: 'docker', host })
    .ping(AbortSignal.timeout(5000))
    .then(
      () => true,
      () => false,
    );
}

async function startEngine(): Promise<UsableEngine> {
  if (process.getuid?.() !== 0) {
    throw new ServiceError(
      503,
      'EngineUnavailable',
      'no Docker engine answers, and only root can start one: sudo systemctl start docker',
    );
  }
  const dockerd = await findProgram('dockerd');
  if (dockerd === undefined)
    throw new ServiceError(503, 'EngineUnavailable', 'dockerd is not installed: apt-get install docker.io');
  const data = path.join(stateDirectory, 'engine');
  // Sockets have short paths (108 bytes), so they cannot lie below any checkout.
  const runtime = `/run/slipway-${createHash('sha256').update(data).digest('hex').slice(0, 8)}`;
  const host = `unix://${runtime}/docker.sock`;
  const pidFile = path.join(runtime, 'dockerd.pid');
  await endLeftOver(pidFile);
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  await mkdir(data, { recursive: true });
  const logFile = path.join(stateDirectory, 'dockerd.log');
  const log = await open(logFile, 'w');
  const args = [
    '--data-root',
    data,
    '--exec-root',
    path.join(runtime, 'exec'),
    '--pidfile',
    pidFile,
    '--host',
    host,
  ];
  // In a group of its own: Ctrl-C on the terminal is for us, and the engine ends last.
  const engine = spawn(dockerd, args, { stdio: ['ignore', log.fd, log.fd], detached: true });
  await log.close();
  const exited = once(engine, 'exit');
  const stop = async (): Promise<void> => {
    if (engine.exitCode === null && engine.signalCode === null) {
      engine.kill('SIGTERM');
      await exited;
    }
    await unmountBelow(runtime);
    await rm(runtime, { recursive: true, force: true }).catch((error: unknown) =>
      say(`Left ${runtime} behind, which the next start uses again: ${messageOf(error)}`),
    );
  };
  const deadline = Date.now() + startTimeoutMs;
  while (!(await answers(host))) {
    if (engine.exitCode !== null || Date.now() > deadline) {
      await stop();
      const tail = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-5).join('\n');
      throw new ServiceError(
        503,
        'EngineUnavailable',
        `dockerd did not start; the end of its log (${logFile}):\n${tail}`,
      );
    }
    await delay(100);
  }
  return { env: { DOCKER_HOST: host }, stop };
}

/** dockerd leaves the network namespace of containers with `--network host` mounted when it ends. */
async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((it) => it.startsWith(`${directory}/`)).reverse()) {
    await output('umount', ['--lazy', mount]).catch(() => {}); // the removal says what could not be unmounted
  }
}

/** An engine of ours whose starter was killed. */
async function endLeftOver(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!commandLine.includes(pidFile)) return;
  say('Ending the Docker engine that an earlier start left');
  try {
    process.kill(pid, 'SIGTERM');
    for (;;) {
      await delay(100);
      process.kill(pid, 0);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH')
      throw new Error(messageOf(error), { cause: error });
  }
}
