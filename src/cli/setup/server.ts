import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createHttp } from '../../client/index.ts';
import { ServiceError } from '../../model/index.ts';
import { mainFile } from '../paths.ts';

export interface StartedServer {
  readonly url: string;
  readonly envFile: string;
  /** Settles when the server ends by itself. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

const firstPort = 8443;
const startTimeoutMs = 120_000;
const stopTimeoutMs = 30_000;

/** Starts `slipway server` as a process of its own, which ends when we do, and waits until its agent is there. */
export async function startServerProcess(
  data: string,
  env: Readonly<Record<string, string>>,
): Promise<StartedServer> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  const port = await findPort();
  const logFile = path.join(data, 'server.log');
  const log = await open(logFile, 'a', 0o600);
  const args = ['--disable-warning=ExperimentalWarning', mainFile, 'server', '--data', data];
  args.push('--listen', `localhost:${port}`, '--agents', '1', '--until-stdin-closes');
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', log.fd, log.fd],
    env: { ...process.env, ...env },
    detached: true, // Ctrl-C on the terminal is for us
  });
  await log.close();
  const exited = once(child, 'exit');
  const url = `https://localhost:${port}`;
  const caFile = path.join(data, 'tls', 'ca.pem');
  const deadline = Date.now() + startTimeoutMs;
  while (!(await isUp(url, caFile))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      const tail = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-5).join('\n');
      throw new ServiceError(
        503,
        'ServerDidNotStart',
        `the server did not start; the end of its log (${logFile}):\n${tail}`,
      );
    }
    await delay(100);
  }
  return {
    url,
    envFile: path.join(data, 'client.env'),
    exited,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function isUp(url: string, caFile: string): Promise<boolean> {
  try {
    const http = createHttp({ caFile });
    const response = await http.request(`${url}/healthz`, {
      method: 'GET',
      signal: AbortSignal.timeout(2000),
    });
    const { agents = 0 } = (await response.json()) as { agents?: number };
    http.close();
    return response.status === 200 && agents > 0;
  } catch {
    return false;
  }
}

/** The first port from 8443 on where nobody answers. */
async function findPort(): Promise<number> {
  for (let port = firstPort; port < firstPort + 100; port += 1) {
    const socket = createConnection(port, 'localhost');
    const isTaken = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (!isTaken) return port;
  }
  throw new ServiceError(503, 'NoFreePort', `no port from ${firstPort} to ${firstPort + 99} is free`);
}
