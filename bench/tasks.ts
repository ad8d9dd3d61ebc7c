import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { ArmClient, type WireRun } from '../test/support/arm.ts';
import { imageAliases, pushBusybox } from '../test/support/base-images.ts';
import { command, must, TestServer } from '../test/support/server.ts';
import { until } from '../test/support/wait.ts';
import { findDockerCli } from '../src/engine/index.ts';
import { median, percentile, seconds } from './statistics.ts';

/** How long each step of the shapes works, in seconds. */
const stepSeconds = 1;

const shapes = {
  '1 step': { count: 1, isParallel: false },
  'chain of 10': { count: 10, isParallel: false },
  '10 in parallel': { count: 10, isParallel: true },
} as const;
type Shape = (typeof shapes)[keyof typeof shapes];

interface WireStep {
  readonly properties: { readonly startTime?: string; readonly finishTime?: string };
}

/**
 * The makespan of tasks, from the first step's start to the last step's end, against the same `docker run`s
 * from a shell with the same parallelism and against the critical path; then what a log's way through agent
 * and server costs.
 */
export async function benchTasks(rounds: number): Promise<void> {
  const docker = await findDockerCli(process.env);
  const server = await TestServer.start({ agents: 1, env: imageAliases });
  try {
    const image = await pushBusybox(server);
    await must(docker, ['pull', image]);
    const arm = await ArmClient.connect(server);
    console.log(`${rounds} rounds each, in turns; a step sleeps ${stepSeconds} s; medians in seconds\n`);
    console.log('shape            docker run  Slipway  to docker run  to critical path');
    for (const [name, shape] of Object.entries(shapes)) await benchShape(docker, server, arm, image, name, shape, rounds);
    await benchThroughput(server, arm);
    await benchLatency(server, arm);
  } finally {
    await server.stop();
  }
}

async function benchShape(
  docker: string,
  server: TestServer,
  arm: ArmClient,
  image: string,
  name: string,
  shape: Shape,
  rounds: number,
): Promise<void> {
  const raw: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const rawTime = await seconds(async () => {
      const one = (): Promise<string> => must(docker, ['run', '--rm', image, 'sleep', `${stepSeconds}`]);
      if (shape.isParallel) await Promise.all(Array.from({ length: shape.count }, one));
      else for (let step = 0; step < shape.count; step += 1) await one();
    });
    const runId = await runTask(server, taskOf(shape));
    if (round === 0) continue; // warms both up
    raw.push(rawTime);
    ours.push(await makespanOf(arm, runId));
  }
  const critical = stepSeconds * (shape.isParallel ? 1 : shape.count);
  const [a, b] = [median(raw), median(ours)];
  console.log(
    `${name.padEnd(15)} ${a.toFixed(3).padStart(11)}  ${b.toFixed(3).padStart(7)}  ${(b / a).toFixed(3).padStart(13)}  ${(b / critical).toFixed(3).padStart(16)}`,
  );
}

function taskOf({ count, isParallel }: Shape): string {
  const step = `  - cmd: bash sleep ${stepSeconds}\n${isParallel ? "    when: ['-']\n" : ''}`;
  return `version: v1.1.0\nsteps:\n${step.repeat(count)}`;
}

/** Runs a task to its end. @returns the run's id. */
async function runTask(server: TestServer, task: string): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-bench-'));
  try {
    await writeFile(path.join(directory, 'task.yaml'), task);
    const result = await server.slipway(['run', '-f', 'task.yaml', directory]);
    if (result.code !== 0) throw new Error(`the task failed:\n${result.stdout.slice(-4000)}${result.stderr}`);
    return /Queued as run (\w+)/.exec(result.stderr)?.[1] ?? '';
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** From the start of the first step to the end of the last, in seconds. */
async function makespanOf(arm: ArmClient, runId: string): Promise<number> {
  const { body } = await arm.call('GET', `${arm.registryPath}/runs/${runId}/steps`);
  const steps = (body as { value: WireStep[] }).value.map(({ properties }) => properties);
  const starts = steps.map(({ startTime = '' }) => Date.parse(startTime));
  const ends = steps.map(({ finishTime = '' }) => Date.parse(finishTime));
  return (Math.max(...ends) - Math.min(...starts)) / 1000;
}

/** A step writes 1 GB while a reader follows the log. */
async function benchThroughput(server: TestServer, arm: ArmClient): Promise<void> {
  const before = await memoryOf(server);
  const line = 'x'.repeat(127);
  const runId = await schedule(arm, `bash sh -c 'yes ${line} | head -c 1000000000'`);
  const watching = watchMemory(server);
  const startedAt = performance.now();
  let readBytes = 0;
  await follow(server, arm, runId, (chunk) => {
    readBytes += chunk.length;
  });
  const took = (performance.now() - startedAt) / 1000;
  const peak = await watching.stop();
  const megabytes = readBytes / 1e6;
  console.log(
    `\na step that writes 1 GB: ${megabytes.toFixed(0)} MB were read in ${took.toFixed(1)} s, ${(megabytes / took).toFixed(1)} MB/s`,
  );
  const after = await memoryOf(server);
  for (const role of Object.keys(before)) {
    console.log(
      `memory of ${role}: ${before[role]?.toFixed(0)} MB before, ${peak[role]?.toFixed(0)} MB at most, ${after[role]?.toFixed(0)} MB after`,
    );
  }
}

/** How long a line is under way from the container to the reader. */
async function benchLatency(server: TestServer, arm: ArmClient): Promise<void> {
  const script = 'for i in $(seq 1 100); do echo "at $(date +%s) $(cut -d" " -f1 /proc/uptime)"; sleep 0.1; done';
  const latencies: number[] = [];
  const runId = await schedule(arm, `bash sh -c '${script}'`);
  let text = '';
  await follow(server, arm, runId, async (chunk) => {
    text += chunk.toString('utf8');
    const lines = text.split('\r\n');
    text = lines.pop() ?? '';
    const now = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
    for (const line of lines) {
      const written = /^at \d+ ([\d.]+)$/.exec(line)?.[1];
      if (written !== undefined) latencies.push((now - Number(written)) * 1000);
    }
  });
  console.log(
    `from a line written to the line read (${latencies.length} lines, to 10 ms): ` +
      `p50 ${percentile(latencies, 50).toFixed(0)} ms, p99 ${percentile(latencies, 99).toFixed(0)} ms`,
  );
}

async function schedule(arm: ArmClient, cmd: string): Promise<string> {
  const task = `version: v1.1.0\nsteps:\n  - cmd: ${cmd}\n    timeout: 3600\n`;
  const { body } = await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
    type: 'EncodedTaskRunRequest',
    encodedTaskContent: Buffer.from(task).toString('base64'),
    platform: { os: 'Linux' },
  });
  return (body as WireRun).properties.runId;
}

/** Reads a run's log to its end as clients do: by ranges, each waited for. */
async function follow(
  server: TestServer,
  arm: ArmClient,
  runId: string,
  onChunk: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  const { body } = await arm.call('POST', `${arm.registryPath}/runs/${runId}/listLogSasUrl`);
  const { logLink } = body as { logLink: string };
  const ca = await readFile(path.join(server.data, 'tls', 'ca.pem'));
  let offset = 0;
  for (;;) {
    const sent = request(`${logLink}&wait=10`, {
      ca,
      headers: { 'x-ms-range': `bytes=${offset}-${offset + 4 * 1024 * 1024 - 1}` },
      lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    }).end();
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    let count = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (response.statusCode !== 206 && response.statusCode !== 200) continue;
      count += chunk.length;
      await onChunk(chunk);
    }
    offset += count;
    if (count === 0 && response.headers['x-ms-meta-complete'] !== undefined) return;
  }
}

async function memoryOf(server: TestServer): Promise<Record<string, number>> {
  const children = await command('pgrep', ['-P', `${server.pid}`]);
  const found: Record<string, number> = {};
  for (const pid of [server.pid, ...children.stdout.trim().split('\n').map(Number)]) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const role = line.find((word) => word === 'server' || word === 'agent');
    if (role !== undefined) found[role] = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }
  return found;
}

function watchMemory(server: TestServer): { stop(): Promise<Record<string, number>> } {
  const peak: Record<string, number> = {};
  let isOver = false;
  const watching = until(
    'the bench is over',
    async () => {
      for (const [role, megabytes] of Object.entries(await memoryOf(server))) {
        peak[role] = Math.max(peak[role] ?? 0, megabytes);
      }
      return isOver;
    },
    3600_000,
  );
  return {
    async stop() {
      isOver = true;
      await watching;
      return peak;
    },
  };
}
