import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { hookRequest, pushPayload } from '../src/forges/testing.ts';
import { ArmClient } from '../test/support/arm.ts';
import { serveGit } from '../test/support/git-server.ts';
import { pusherOf } from '../test/support/oci.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { TestServer } from '../test/support/server.ts';
import { until } from '../test/support/wait.ts';
import { measure, type Load } from './load.ts';
import { percentile } from './statistics.ts';

const repositoryUrl = 'https://forge.example.com/acme/app.git';
const agents = 4;

interface WireRun {
  readonly properties: {
    readonly runId: string;
    readonly startTime?: string;
    readonly timerTrigger?: { readonly scheduleOccurrence: string };
  };
}

/**
 * From a webhook's arrival, an image's push and a timer's second to the start of the run, with free agents; and
 * how many webhooks a second are acknowledged durably, on PGlite and PostgreSQL.
 */
export async function benchTriggers(count: number): Promise<void> {
  const server = await TestServer.start({ agents, args: ['--base-image-check-minutes', '0'] });
  try {
    const arm = await ArmClient.connect(server);
    console.log(`${count} events of each kind, ${agents} agents; in milliseconds`);
    report('webhook to start', await hookLatencies(server, arm, count));
    report(
      'push of a base image to start (2000 of quiet are waited for)',
      await imageLatencies(server, arm, count),
    );
    report('timer to start', await timerLatencies(arm));
  } finally {
    await server.stop();
  }
  await benchHooks('PGlite', undefined, count * 50);
  const postgres = await startPostgres();
  try {
    await benchHooks('PostgreSQL', postgres.url, count * 50);
  } finally {
    await postgres.stop();
  }
}

function report(what: string, latencies: readonly number[]): void {
  const [p50, p99] = [50, 99].map((percent) => percentile(latencies, percent).toFixed(0));
  console.log(`${what}: p50 ${p50}, p99 ${p99} (${latencies.length})`);
}

/** A task whose runs do nothing. */
function idleTask(trigger: object): object {
  const encodedTaskContent = Buffer.from('version: v1.1.0\nsteps: []\n').toString('base64');
  return {
    location: 'local',
    properties: { platform: { os: 'linux' }, step: { type: 'EncodedTask', encodedTaskContent }, trigger },
  };
}

/** Makes a task with a webhook. @returns what a push of a new commit sends. */
async function makeHook(arm: ArmClient): Promise<() => Load & { body: string }> {
  const task = `${arm.registryPath}/tasks/hooked`;
  const sourceRepository = { sourceControlType: 'Github', repositoryUrl, branch: 'main' };
  const trigger = { sourceTriggers: [{ name: 's', sourceTriggerEvents: ['commit'], sourceRepository }] };
  await arm.call('PUT', task, idleTask(trigger));
  const { body } = await arm.call('POST', `${task}/listWebhooks`);
  const [hook = { url: '', secret: '' }] = (body as { value: { url: string; secret: string }[] }).value;
  return () => {
    const commit = randomBytes(20).toString('hex');
    const payload = pushPayload('Github', { repositoryUrl, ref: 'refs/heads/main', after: commit });
    const { headers, body: bytes } = hookRequest('Github', payload, { secret: hook.secret, id: commit });
    return {
      url: hook.url,
      method: 'POST',
      headers: headers, // those of a request are single
      body: Buffer.from(bytes).toString('utf8'),
    };
  };
}

async function hookLatencies(server: TestServer, arm: ArmClient, count: number): Promise<number[]> {
  const next = await makeHook(arm);
  const latencies: number[] = [];
  for (let index = 0; index <= count; index += 1) {
    const { url, ...request } = next();
    const sentAt = Date.now();
    await server.http.request(url, request as Parameters<TestServer['http']['request']>[1]);
    const startedAt = await startOf(arm, 'hooked', index);
    if (index > 0) latencies.push(startedAt - sentAt); // the first waits for the agents
  }
  return latencies;
}

async function imageLatencies(server: TestServer, arm: ArmClient, count: number): Promise<number[]> {
  const git = await serveGit();
  try {
    const pusher = await pusherOf(server);
    await pusher.push('base:v1', 'first');
    await git.commit('based', { Dockerfile: `FROM ${pusher.host}/base:v1\n` });
    await arm.call('PUT', `${arm.registryPath}/tasks/based`, {
      location: 'local',
      properties: {
        platform: { os: 'linux' },
        step: {
          type: 'Docker',
          contextPath: `${git.url}#based`,
          dockerFilePath: 'Dockerfile',
          imageNames: ['based:v1'],
        },
        trigger: { baseImageTrigger: { name: 'b', baseImageTriggerType: 'All' } },
      },
    });
    await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
      type: 'TaskRunRequest',
      taskId: `${arm.registryPath}/tasks/based`,
    });
    await until(
      'the task was built once',
      async () => (await runsOf(arm, 'based', 'Succeeded')).length === 1,
    );
    const latencies: number[] = [];
    for (let index = 0; index < Math.min(count, 10); index += 1) {
      const pushedAt = Date.now();
      await pusher.push('base:v1', `${index}`);
      latencies.push((await startOf(arm, 'based', index + 1)) - pushedAt);
      await until('it was built', async () => (await runsOf(arm, 'based', 'Succeeded')).length === index + 2);
    }
    return latencies;
  } finally {
    await git.stop();
  }
}

/** As many timers as agents, all due at the same second. */
async function timerLatencies(arm: ArmClient): Promise<number[]> {
  const names = Array.from({ length: agents }, (_, index) => `timed${index}`);
  for (const name of names) {
    const trigger = { timerTriggers: [{ name: 't', schedule: '* * * * *' }] };
    await arm.call('PUT', `${arm.registryPath}/tasks/${name}`, idleTask(trigger));
  }
  return Promise.all(
    names.map(async (name) => {
      const startedAt = await startOf(arm, name, 0);
      const [run] = await runsOf(arm, name);
      return startedAt - Date.parse(run?.timerTrigger?.scheduleOccurrence ?? '');
    }),
  );
}

/** When the run after so many others of a task started, in milliseconds since 1970. */
async function startOf(arm: ArmClient, task: string, others: number): Promise<number> {
  return until(
    `${task} has run ${others + 1} times`,
    async () => {
      const runs = await runsOf(arm, task);
      const startTime = runs.length > others ? runs[0]?.startTime : undefined;
      return startTime === undefined ? undefined : Date.parse(startTime);
    },
    120_000,
  );
}

/** Newest first. */
async function runsOf(arm: ArmClient, task: string, status?: string): Promise<WireRun['properties'][]> {
  const filter = `TaskName eq '${task}'${status === undefined ? '' : ` and Status eq '${status}'`}`;
  const { body } = await arm.call('GET', `${arm.registryPath}/runs?$filter=${encodeURIComponent(filter)}`);
  return (body as { value: WireRun[] }).value.map(({ properties }) => properties);
}

async function benchHooks(name: string, url: string | undefined, count: number): Promise<void> {
  const server = await TestServer.start(url === undefined ? {} : { databaseUrl: url });
  try {
    const next = await makeHook(await ArmClient.connect(server));
    const ca = await readFile(path.join(server.data, 'tls', 'ca.pem'), 'utf8');
    const { perSecond, p99Ms } = await measure(ca, count, next);
    console.log(
      `${name}: ${perSecond.toFixed(0)} webhooks a second acknowledged, p99 ${p99Ms.toFixed(0)} ms (${count})`,
    );
  } finally {
    await server.stop();
  }
}
