import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf, Secret } from '../model/index.ts';
import { protocolVersion, type RunAssignment, type SecretsResponse } from '../protocol/index.ts';
import type { TaskSecret } from '../taskfile/index.ts';
import { loginSecrets } from '../secrets/index.ts';
import { endClients, type Engine } from '../engine/index.ts';
import type { Http } from '../client/index.ts';
import type { SourceLimits } from '../sources/index.ts';
import { connectAgent, isRefusal, type Connection } from './connection.ts';
import { createInstance, findDeadInstances, type AgentInstance } from './instance.ts';
import { holdLease, Stopped } from './lease.ts';
import { openLogSender } from './log-sender.ts';
import { isGivenAway, performRun, type PerformDeps } from './perform.ts';
import { removeDirectory } from './remove-directory.ts';
import { untilAnswered } from './retry.ts';
import { openRunLog } from './run-log.ts';
import { fetchSource } from './source.ts';
import { openStepReporter } from './step-reporter.ts';
import { taskOf } from './task-of.ts';
import type { Allowances } from './task/allowances.ts';

export interface AgentOptions {
  /** `https://host:port` of the server. */
  readonly server: string;
  readonly joinToken: string;
  readonly name: string;
  readonly pool: string;
  readonly architecture: string;
  /** Holds one directory for each instance of this agent. */
  readonly workDirectory: string;
  /** A run goes on for so long after its lease when the server is out of reach. */
  readonly serverGraceSeconds: number;
  /** What the source of a run may grow to; what is left out has the default of `SourceLimits`. */
  readonly sourceLimits: Partial<SourceLimits>;
  readonly allowances: Allowances;
  readonly maxParallelSteps: number;
  /** What `$bash` and its like mean. Default: what the hosted service has. */
  readonly imageAliases: Readonly<Record<string, string>>;
  /** The engine forgets build cache above it; 0: none. */
  readonly cacheLimitBytes: number;
}

/**
 * An agent: joins the server, performs one run after another until it is told to stop. `drain` lets the
 * run in hand finish; `signal` ends it at once.
 */
export async function runAgent(
  deps: { engine: Engine; http: Http; log: Logger },
  options: AgentOptions,
  signals: { drain: AbortSignal; stop: AbortSignal },
): Promise<void> {
  const { engine, http, log } = deps;
  await mkdir(options.workDirectory, { recursive: true, mode: 0o700 });
  const deadInstanceIds = await findDeadInstances(options.workDirectory);
  const instance = await createInstance(options.workDirectory);
  const idle = AbortSignal.any([signals.drain, signals.stop]);
  const limits = limitsOf(log, options.workDirectory);
  const trimCache = cacheTrimmer(deps, options.cacheLimitBytes, idle);
  const stop = stopSignal(signals.stop);
  try {
    for (const id of deadInstanceIds) await sweepInstance(deps, options.workDirectory, id);
    const join = (): Promise<Connection> =>
      untilAnswered(idle, () =>
        connectAgent(
          http,
          options.server,
          options.joinToken,
          {
            protocolVersion,
            name: options.name,
            instanceId: instance.instanceId,
            pool: options.pool,
            os: 'linux',
            architecture: options.architecture,
            deadInstanceIds,
          },
          idle,
        ),
      );
    let connection = await join();
    log.info({ server: options.server, pool: options.pool }, 'joined the server');
    while (!idle.aborted) {
      await waitForEngine(engine, log, idle);
      try {
        const run = await untilAnswered(idle, () => connection.claim(idle));
        if (!run) continue;
        await perform({ ...deps, limits }, options, instance, connection, run, stop);
        trimCache();
      } catch (error) {
        if (idle.aborted) break;
        if (!isRefusal(error)) throw error;
        log.warn({ reason: error.message }, 'the server refused a claim; joining anew');
        connection = await join();
      }
    }
    await connection.deregister(AbortSignal.timeout(3000)).catch(() => {}); // it may be gone itself
  } catch (error) {
    if (!idle.aborted) throw error;
  } finally {
    await instance.remove();
  }
}

async function sweepInstance(
  { engine, log }: { engine: Engine; log: Logger },
  workDirectory: string,
  instanceId: string,
): Promise<void> {
  try {
    await endClients(path.join(workDirectory, instanceId));
    await engine.sweep(instanceId);
    await removeDirectory(engine, path.join(workDirectory, instanceId));
    log.info({ instanceId }, 'swept what a killed agent left');
  } catch (error) {
    log.warn({ instanceId, reason: messageOf(error) }, 'could not sweep what a killed agent left');
  }
}

/** Claims nothing while the engine is down: the runs wait in the queue. Says so once. */
async function waitForEngine(engine: Engine, log: Logger, signal: AbortSignal): Promise<void> {
  let hasSaidSo = false;
  while (!signal.aborted) {
    try {
      await engine.ping(signal);
      if (hasSaidSo) log.info({}, 'the engine is back');
      return;
    } catch (error) {
      if (!hasSaidSo) log.error({ reason: messageOf(error) }, 'waiting for the engine');
      hasSaidSo = true;
      await delay(1000, undefined, { signal }).catch(() => {});
    }
  }
}

async function perform(
  { engine, http, log, limits }: { engine: Engine; http: Http; log: Logger; limits: PerformDeps['limits'] },
  options: AgentOptions,
  instance: AgentInstance,
  connection: Connection,
  run: RunAssignment,
  stop: AbortSignal,
): Promise<void> {
  const events = log.child({ runId: run.runId, attempt: run.attempt });
  const lease = holdLease(connection, run, options.serverGraceSeconds);
  const signal = AbortSignal.any([lease.signal, stop]);
  const directory = path.join(instance.directory, `${run.runKey}-${run.attempt}`);
  const afterwards: (() => Promise<void>)[] = [];
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    events.info({}, 'run begins');
    // A canceled run still has last words; only a run that is somebody else's now has none.
    const reporting = new AbortController();
    signal.addEventListener('abort', () => isGivenAway(signal) && reporting.abort());
    const runLog = openRunLog(openLogSender(connection, run, reporting.signal), secretsOf(run));
    const steps = openStepReporter(connection, run, reporting.signal);
    if (run.attempt > 1) runLog.line(`Attempt ${run.attempt} starts on agent ${options.name}`);
    const resolveSecrets = async (
      secrets: readonly TaskSecret[],
    ): Promise<Readonly<Record<string, string>>> => {
      const call = (): Promise<SecretsResponse> =>
        connection.secrets(run.runKey, { attempt: run.attempt, secrets }, signal);
      return (await untilAnswered(signal, call)).values;
    };
    const { sourceLimits, allowances, maxParallelSteps, imageAliases } = options;
    const result = await performRun(
      {
        ...{ engine, log: runLog, instanceId: instance.instanceId, directory, limits },
        ...{ sourceLimits, allowances, maxParallelSteps },
        cacheName: run.work.kind === 'taskFile' ? run.work.cacheName : 'quickrun',
        fetchSource: (into, signal) => fetchSource({ http, sourceLimits }, run, into, signal),
        readTask: (source, signal) =>
          taskOf({ log: runLog, resolveSecrets, imageAliases }, run, source, signal),
        onStep: (state) => steps.report(state),
        afterwards: (work) => afterwards.push(work),
      },
      run,
      signal,
    );
    await Promise.all([runLog.end(), steps.end()]);
    await lease.release();
    const report = { attempt: run.attempt, ...result };
    const patience = AbortSignal.timeout((connection.leaseSeconds + options.serverGraceSeconds) * 1000);
    await untilAnswered(patience, () => connection.complete(run.runKey, report, patience));
    events.info({ status: result.status }, 'run ended');
  } catch (error) {
    events.warn({ reason: messageOf(error) }, 'the run was given up');
  } finally {
    await lease.release();
    for (const work of [...afterwards, () => removeDirectory(engine, directory)]) {
      await work().catch((error: unknown) => events.warn({ reason: messageOf(error) }, 'could not clean up'));
    }
  }
}

/** Holds the engine's build cache to its limit, beside the work and once at a time. */
function cacheTrimmer(
  { engine, log }: { engine: Engine; log: Logger },
  limitBytes: number,
  signal: AbortSignal,
): () => void {
  let isBusy = limitBytes === 0;
  return () => {
    if (isBusy) return;
    isBusy = true;
    engine
      .limitBuildCache(limitBytes, signal)
      .then((freedBytes) => freedBytes > 0 && log.info({ freedBytes }, 'forgot build cache above the limit'))
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn({ reason: messageOf(error) }, 'could not limit the build cache');
      })
      .finally(() => (isBusy = false));
  };
}

/** One group of processes for each place of work; what cannot be limited is said once. */
function limitsOf(log: Logger, workDirectory: string): PerformDeps['limits'] {
  const place = createHash('sha256').update(workDirectory).digest('hex').slice(0, 12);
  let hasSaidSo = false;
  return {
    group: `agent-${place}`,
    onUnlimited(reason) {
      if (!hasSaidSo) log.warn({ reason }, 'builds are not held to the CPUs and memory of their runs');
      hasSaidSo = true;
    },
  };
}

/** The agent is told to end at once: the run in hand is stopped and left to the next agent. */
function stopSignal(stop: AbortSignal): AbortSignal {
  const stopped = new AbortController();
  const abort = (): void => stopped.abort(new Stopped('shutdown'));
  if (stop.aborted) abort();
  else stop.addEventListener('abort', abort, { once: true });
  return stopped.signal;
}

/** Those that a task's texts and vaults hold are added when they turn up. */
function secretsOf({ work, logins, source }: RunAssignment): Secret[] {
  const given = work.kind === 'dockerBuild' ? work.arguments : work.values;
  const secretArguments = given.filter(({ isSecret }) => isSecret).map(({ value }) => value);
  const credentials = source?.kind === 'remote' && source.credential ? [source.credential] : [];
  return [
    ...[...secretArguments, ...credentials].map((value) => new Secret(value)),
    ...logins.flatMap(({ username, password }) => loginSecrets(username, password)),
  ];
}
