import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { createHttp, type Http } from '../../src/client/index.ts';
import { emptyPglite } from './databases.ts';
import { freePort, until } from './wait.ts';

const main = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const nodeArgs = ['--disable-warning=ExperimentalWarning', main];

/** The command line of `slipway …`. */
export function slipwayCommand(args: readonly string[]): string[] {
  return [process.execPath, ...nodeArgs, ...args];
}

export interface TestServerOptions {
  readonly agents?: number;
  readonly databaseUrl?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A real server in a process of its own, with a data directory and ports of its own. */
export class TestServer {
  readonly directory: string;
  readonly #options: TestServerOptions;
  readonly #listen: string;
  readonly #registryPort: number;
  #child: ChildProcess | undefined;
  #http: Http | undefined;

  private constructor(directory: string, port: number, registryPort: number, options: TestServerOptions) {
    this.directory = directory;
    this.#listen = `localhost:${port}`;
    this.#registryPort = registryPort;
    this.#options = options;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-test-'));
    const server = new TestServer(directory, await freePort(), await freePort(), options);
    if (options.databaseUrl === undefined) {
      await mkdir(server.data, { mode: 0o700 });
      await cp(await emptyPglite(), path.join(server.data, 'db'), { recursive: true });
    }
    try {
      await server.start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get data(): string {
    return path.join(this.directory, 'data');
  }

  get url(): string {
    return `https://${this.#listen}`;
  }

  get logFile(): string {
    return path.join(this.directory, 'server.log');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get http(): Http {
    this.#http ??= createHttp({ caFile: path.join(this.data, 'tls', 'ca.pem') });
    return this.#http;
  }

  /** Starts it, also again after it was killed, and waits until it answers. */
  async start(): Promise<void> {
    const { agents = 0, databaseUrl, args = [], env = {} } = this.#options;
    const log = createWriteStream(this.logFile, { flags: 'a' });
    await once(log, 'open');
    const all = [
      ...nodeArgs,
      'server',
      '--data',
      this.data,
      '--listen',
      this.#listen,
      '--agents',
      `${agents}`,
    ];
    all.push('--registry-port', `${this.#registryPort}`);
    if (databaseUrl !== undefined) all.push('--database-url', databaseUrl);
    // It ends with us, also when the tests are interrupted.
    const child = spawn(process.execPath, [...all, '--until-stdin-closes', ...args], {
      stdio: ['pipe', log, log],
      env: { ...process.env, SLIPWAY_EVENT_HOSTS: '*,127.0.0.1', ...env },
    });
    log.end();
    await finished(log);
    this.#child = child;
    await until('the server answers', async () => {
      if (child.exitCode !== null)
        throw new Error(`the server ended:\n${await readFile(this.logFile, 'utf8')}`);
      try {
        const response = await this.http.request(`${this.url}/healthz`, { method: 'GET' });
        return response.status === 200;
      } catch {
        this.#http = undefined; // the CA may have been written since
        return false;
      }
    });
  }

  /** Ends the process with a signal and waits until it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    this.#http?.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The variables of `client.env`. */
  async clientEnv(): Promise<Record<string, string>> {
    const text = await readFile(path.join(this.data, 'client.env'), 'utf8');
    return Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => {
          const at = line.indexOf('=');
          return [line.slice(0, at), line.slice(at + 1).replace(/^'|'$/g, '')];
        }),
    );
  }

  /** Runs `slipway …` as this server's client. */
  async slipway(args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
    return command(process.execPath, [...nodeArgs, ...args], { ...(await this.clientEnv()), ...env });
  }
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function command(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<CommandResult> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

/** Runs a program that has to succeed. @returns what it printed. */
export async function must(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<string> {
  const result = await command(program, args, env, cwd);
  if (result.code === 0) return result.stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
}
