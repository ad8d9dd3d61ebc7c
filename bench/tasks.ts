import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openApi, type Api } from '../src/cli/api/api.ts';
import { followLog } from '../src/cli/api/follow-log.ts';
import { loadSettings } from '../src/cli/api/settings.ts';
import { findDockerCli } from '../src/engine/index.ts';
import { ArmClient } from '../test/support/arm.ts';
import { imageAliases, pushBusybox } from '../test/support/base-images.ts';
import { must, TestServer } from '../test/support/server.ts';
import { memoryOf, watchMemory } from './memory.ts';
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
    await pull(docker, server, image);
    const arm = await ArmClient.connect(server);
    console.log(`${rounds} rounds each, in turns; a step sleeps ${stepSeconds} s; medians in seconds\n`);
    console.log('shape            docker run  Slipway  to docker run  to critical path');
    for (const [name, shape] of Object.entries(shapes))
      await benchShape(docker, server, arm, image, name, shape, rounds);
    const api = openApi(await loadSettings(path.join(server.data, 'client.env')));
    await benchThroughput(server, api);
    await benchLatency(api);
    api.close();
  } finally {
    await server.stop();
  }
}

/** Brings the image to the engine, for the runs from a shell. */
async function pull(docker: string, server: TestServer, image: string): Promise<void> {
  const env = await server.clientEnv();
  const config = { DOCKER_CONFIG: path.join(server.directory, 'docker') };
  const login = ['-u', env.SLIPWAY_CLIENT_ID ?? '', '-p', env.SLIPWAY_CLIENT_SECRET ?? ''];
  await must(docker, ['login', env.SLIPWAY_LOGIN_SERVER ?? '', ...login], config);
  await must(docker, ['pull', image], config);
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
async function benchThroughput(server: TestServer, api: Api): Promise<void> {
  const before = await memoryOf(server);
  const watching = watchMemory(server);
  let readBytes = 0;
  const took = await seconds(async () => {
    const runId = await schedule(api, `yes ${'x'.repeat(127)} | head -c 1000000000`);
    await follow(api, runId, (bytes) => (readBytes += bytes.length));
  });
  const most = await watching.stop();
  const megabytes = readBytes / 1e6;
  console.log(
    `\na step that writes 1 GB: ${megabytes.toFixed(0)} MB were read in ${took.toFixed(1)} s, ${(megabytes / took).toFixed(1)} MB/s`,
  );
  const after = await memoryOf(server);
  for (const [role, megabytesBefore] of Object.entries(before)) {
    const [atMost, atLast] = [most, after].map((each) => (each[role] ?? 0).toFixed(0));
    console.log(
      `memory of ${role}: ${megabytesBefore.toFixed(0)} MB before, ${atMost} at most, ${atLast} after`,
    );
  }
}

/** How long a line is under way from the container to the reader. */
async function benchLatency(api: Api): Promise<void> {
  const latencies: number[] = [];
  const runId = await schedule(
    api,
    'for i in $(seq 1 100); do echo at $(cut -d " " -f 1 /proc/uptime); sleep 0.1; done',
  );
  let text = '';
  await follow(api, runId, (bytes) => {
    const lines = (text + Buffer.from(bytes).toString('utf8')).split('\r\n');
    text = lines.pop() ?? '';
    const now = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    for (const line of lines) {
      const written = /^at ([\d.]+)$/.exec(line)?.[1];
      if (written !== undefined) latencies.push((now - Number(written)) * 1000);
    }
  });
  console.log(
    `from a line written to the line read (${latencies.length} lines, to 10 ms): ` +
      `p50 ${percentile(latencies, 50).toFixed(0)} ms, p99 ${percentile(latencies, 99).toFixed(0)} ms`,
  );
}

/** Hands on the log of a run, which has to succeed. */
async function follow(api: Api, runId: string, onBytes: (bytes: Uint8Array) => void): Promise<void> {
  const outcome = await followLog(api, runId, onBytes);
  if (outcome !== 'Successful') throw new Error(`run ${runId} ended as ${outcome}`);
}

/** @returns the id of a run that performs a shell script. */
async function schedule(api: Api, script: string): Promise<string> {
  const command = `bash sh -c ${JSON.stringify(script).replaceAll('$', '\\$')}`;
  const task = `version: v1.1.0\nsteps:\n  - cmd: ${JSON.stringify(command)}\n    timeout: 3600\n`;
  const { runId } = await api.scheduleRun({
    type: 'EncodedTaskRunRequest',
    encodedTaskContent: Buffer.from(task).toString('base64'),
    platform: { os: 'Linux' },
  });
  return runId;
}
