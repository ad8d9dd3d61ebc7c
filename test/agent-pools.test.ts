import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { limitsObstacle } from '../src/engine/index.ts';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient, isEnded, type Answer, type WireRun } from './support/arm.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { slipwayCommand, TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

interface WirePool {
  readonly name: string;
  readonly properties: { readonly count: number; readonly tier: string; readonly provisioningState: string };
}

interface WireAgent {
  readonly name: string;
  readonly os: string;
  readonly runId?: string;
}

/** Pools of one registry as a client sees them. */
class Pools {
  readonly arm: ArmClient;
  readonly registryPath: string;

  constructor(arm: ArmClient, registryPath = arm.registryPath) {
    this.arm = arm;
    this.registryPath = registryPath;
  }

  url(name: string): string {
    return `${this.registryPath}/agentPools/${name}`;
  }

  put(name: string, properties: object): Promise<Answer> {
    return this.arm.call('PUT', this.url(name), { location: 'local', properties });
  }

  resize(name: string, count: number): Promise<Answer> {
    return this.arm.call('PATCH', this.url(name), { properties: { count } });
  }

  async get(name: string): Promise<WirePool> {
    const { status, body } = await this.arm.call('GET', this.url(name));
    assert.equal(status, 200, JSON.stringify(body));
    return body as WirePool;
  }

  /** Waits for the operation that an answer names; answers its last status. */
  async settled({ status, headers }: Answer): Promise<string> {
    assert.equal(status, 201);
    assert.ok(Number(headers['retry-after']) > 0);
    const url = new URL(String(headers['azure-asyncoperation']));
    return until('the operation ends', async () => {
      const answer = await this.arm.call('GET', url.pathname + url.search);
      assert.equal(answer.status, 200);
      const operation = answer.body as { status: string };
      return operation.status !== 'InProgress' && operation.status;
    });
  }

  async agents(name: string): Promise<readonly WireAgent[]> {
    const { body } = await this.arm.call('GET', `${this.url(name)}/agents`);
    return (body as { value: WireAgent[] }).value;
  }

  async queued(name: string): Promise<number> {
    const { body } = await this.arm.call('POST', `${this.url(name)}/listQueueStatus`);
    return (body as { count: number }).count;
  }

  async token(name: string): Promise<string> {
    const { body } = await this.arm.call('POST', `${this.url(name)}/listJoinToken`);
    return (body as { token: string }).token;
  }
}

/** What the tests build: it does at once what `WHAT` says. */
async function packContext(): Promise<Buffer> {
  const lines = [
    busyboxBase,
    'ARG WHAT',
    'ARG ROUND',
    'COPY work.sh /work.sh',
    'RUN sh /work.sh "$WHAT" "$ROUND"',
  ];
  const script = [
    'echo "begun $2"',
    'limited() { until grep -q /slipway/ /proc/$$/cgroup; do sleep 0.1; done; }',
    'case "$1" in',
    '  groups) limited; echo "in $(cat /proc/self/cgroup | tr "\\n" " ")"; sleep 120;;',
    '  sleep) sleep 120;;',
    // One read has at most 2 GiB, so two processes fill their buffers of 1.7 GB.
    '  fill) limited; set -o pipefail; dd if=/dev/zero bs=1700M count=1 |',
    '    dd of=/dev/null bs=1700M count=1 iflag=fullblock;;',
    'esac',
  ];
  const context = await makeContext(lines.join('\n'), { 'work.sh': script.join('\n') });
  const archive = await archiveOfDirectory(context.directory);
  await context.remove();
  return archive;
}

let rounds = 0;

async function schedule(arm: ArmClient, what: string, request: object = {}): Promise<string> {
  const { status, body } = await trySchedule(arm, what, request);
  assert.equal(status, 200, JSON.stringify(body));
  return (body as WireRun).properties.runId;
}

async function trySchedule(arm: ArmClient, what: string, request: object): Promise<Answer> {
  const values = { WHAT: what, ROUND: `${process.pid}-${(rounds += 1)}` };
  const list = Object.entries(values).map(([name, value]) => ({ name, value, isSecret: false }));
  return arm.schedule({ sourceLocation: await arm.upload(await context), arguments: list, ...request });
}

function ended(arm: ArmClient, runId: string): Promise<WireRun> {
  return until(`run ${runId} ends`, async () => {
    const run = await arm.run(runId);
    return isEnded(run) && run;
  });
}

async function succeeds(arm: ArmClient, runId: string): Promise<void> {
  const run = await ended(arm, runId);
  assert.equal(run.properties.status, 'Succeeded', await arm.log(runId));
}

function begins(arm: ArmClient, runId: string): Promise<boolean> {
  return until(`run ${runId} is under way`, async () => / begun /.test(await arm.log(runId)));
}

async function cancel(arm: ArmClient, runId: string): Promise<void> {
  await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`);
  await ended(arm, runId);
}

const context = packContext();

describe('agent pools whose agents the server starts', () => {
  let server: TestServer;
  let arm: ArmClient;
  let pools: Pools;
  const obstacle = limitsObstacle(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock');

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    arm = await ArmClient.connect(server);
    pools = new Pools(arm);
    const created = await pools.put('builders', { count: 2, tier: 's1' });
    assert.equal((created.body as WirePool).properties.provisioningState, 'Creating');
    assert.equal(await pools.settled(created), 'Succeeded');
  });
  after(() => server.stop());

  test('as many agents as the pool wants are there, and they perform its runs', async () => {
    const pool = await pools.get('BUILDERS');
    assert.equal(pool.name, 'builders');
    assert.deepEqual(pool.properties, { count: 2, tier: 'S1', os: 'Linux', provisioningState: 'Succeeded' });
    const agents = await pools.agents('builders');
    assert.deepEqual(
      agents.map(({ name, os }) => [name, os]),
      [
        ['builders-1', 'linux'],
        ['builders-2', 'linux'],
      ],
    );
    assert.equal((await pools.put('builders', { count: 2, tier: 'S1' })).status, 200);
    const runId = await schedule(arm, 'sleep', { agentPoolName: 'builders' });
    await until('an agent of the pool has the run', async () =>
      (await pools.agents('builders')).some((agent) => agent.runId === runId),
    );
    await begins(arm, runId);
    await cancel(arm, runId);
  });

  test('a count of 0 pauses it: its runs wait and are counted, until it has agents again', async () => {
    assert.equal(await pools.settled(await pools.resize('builders', 0)), 'Succeeded');
    await until('its agents have left', async () => (await pools.agents('builders')).length === 0);
    const waiting = await schedule(arm, 'nothing', { agentPoolName: 'builders' });
    await succeeds(arm, await schedule(arm, 'nothing')); // the default pool works on
    assert.equal((await arm.run(waiting)).properties.status, 'Queued');
    assert.equal(await pools.queued('builders'), 1);
    assert.match(await arm.log(waiting), /it is paused.*az acr agentpool update/);
    assert.equal(await pools.settled(await pools.resize('builders', 1)), 'Succeeded');
    await succeeds(arm, waiting);
    assert.equal((await pools.agents('builders')).length, 1);
    assert.equal(await pools.queued('builders'), 0);
  });

  test('pools of one name in two registries do not mix', async () => {
    const otherPath = arm.registryPath.replace(/[^/]+$/, 'otherpools');
    const registry = { location: 'local', sku: { name: 'Basic' }, properties: {} };
    const version = '?api-version=2023-07-01';
    assert.equal((await arm.call('PUT', otherPath + version, registry)).status, 201);
    const others = new Pools(arm, otherPath);
    await pools.settled(await others.put('builders', { count: 0 }));
    const { body } = await arm.call('POST', `${otherPath}/scheduleRun`, {
      type: 'DockerBuildRequest',
      dockerFilePath: 'Dockerfile',
      platform: { os: 'linux' },
      agentPoolName: 'builders',
      sourceLocation: 'http://127.0.0.1:9/never.tar.gz',
    });
    const { runId } = (body as WireRun).properties;
    await succeeds(arm, await schedule(arm, 'nothing', { agentPoolName: 'builders' }));
    assert.deepEqual([await pools.queued('builders'), await others.queued('builders')], [0, 1]);
    const { body: run } = await arm.call('GET', `${otherPath}/runs/${runId}`);
    assert.equal((run as WireRun).properties.status, 'Queued');
    assert.equal((await arm.call('DELETE', otherPath + version)).status, 200);
  });

  test('a run has the memory of its tier, and no more', async (t) => {
    const reason = (await obstacle) ?? (os.totalmem() < 6 * 1024 ** 3 && 'the machine is too small');
    if (reason) return t.skip(reason);
    const runId = await schedule(arm, 'fill', { agentPoolName: 'builders' });
    const run = await ended(arm, runId);
    assert.equal(run.properties.status, 'Failed');
    assert.match(await arm.log(runId), /Killed/);
  });

  test('agentConfiguration.cpu limits the CPUs of a run on the default pool', async (t) => {
    const reason = (await obstacle) ?? (os.availableParallelism() < 2 && 'the machine has one CPU');
    if (reason) return t.skip(reason);
    const runId = await schedule(arm, 'groups', { agentConfiguration: { cpu: 1 } });
    const group = await until(
      'the run says its group',
      async () => /in .*?(\/slipway\/agent-\w+)/.exec(await arm.log(runId))?.[1],
    );
    const root = '/sys/fs/cgroup';
    const v1 = await readFile(`${root}/cpu${group}/cpu.cfs_quota_us`, 'utf8').catch(() => undefined);
    const quota = v1 ?? (await readFile(`${root}${group}/cpu.max`, 'utf8'));
    assert.match(quota, /^100000\b/);
    await cancel(arm, runId);
  });

  test('an agent that was killed is started again, and its run begins anew', async () => {
    const runId = await schedule(arm, 'sleep', { agentPoolName: 'builders' });
    await begins(arm, runId);
    process.kill(await poolAgentPid(server.data), 'SIGKILL');
    await until('the next attempt begins', async () =>
      (await arm.log(runId)).includes('Attempt 2 starts on agent builders-1'),
    );
    await cancel(arm, runId);
  });

  test('a server that was killed starts the agents of its pools again', async () => {
    const before = await poolAgentPid(server.data);
    await server.end('SIGKILL');
    await until('the agent has left', () => !isAlive(before));
    await server.start();
    await succeeds(arm, await schedule(arm, 'nothing', { agentPoolName: 'builders' }));
  });

  test('delete is refused while a task refers to the pool, with its name', async () => {
    const task = {
      location: 'local',
      properties: {
        platform: { os: 'Linux' },
        agentPoolName: 'Builders',
        step: { type: 'Docker', contextPath: 'https://example.org/app.tar.gz', dockerFilePath: 'Dockerfile' },
      },
    };
    const url = `${arm.registryPath}/tasks/nightly`;
    const { status, body } = await arm.call('PUT', url, task);
    assert.equal(status, 201, JSON.stringify(body));
    const refused = await arm.call('DELETE', pools.url('builders'));
    assert.equal(refused.status, 409);
    assert.match(JSON.stringify(refused.body), /AgentPoolInUse.*task nightly/);
    assert.equal((await arm.call('DELETE', url)).status, 200);
  });

  test('delete: what waits moves to the default pool, what runs ends first or is taken by force', async () => {
    const running = await schedule(arm, 'sleep', { agentPoolName: 'builders' });
    await begins(arm, running);
    const waiting = await schedule(arm, 'nothing', { agentPoolName: 'builders' });
    const deleted = await arm.call('DELETE', pools.url('builders'));
    assert.equal(deleted.status, 202);
    assert.ok(Number(deleted.headers['retry-after']) > 0);
    const location = new URL(String(deleted.headers.location));
    const isDone = async (): Promise<boolean> =>
      (await arm.call('GET', location.pathname + location.search)).status === 200;
    await succeeds(arm, waiting);
    assert.match(await arm.log(waiting), /'builders' is being deleted: the run waits for the default pool/);

    assert.equal((await pools.get('builders')).properties.provisioningState, 'Deleting');
    assert.equal((await arm.run(running)).properties.status, 'Running');
    assert.equal(await isDone(), false);
    const refused = await trySchedule(arm, 'nothing', { agentPoolName: 'builders' });
    assert.equal(refused.status, 400);
    assert.match(JSON.stringify(refused.body), /AgentPoolNotFound.*is being deleted/);
    assert.equal((await pools.resize('builders', 3)).status, 409);

    assert.equal((await arm.call('DELETE', `${pools.url('builders')}?force=true`)).status, 202);
    await until('the next attempt begins', async () =>
      /deleted by force[^]*Attempt 2 starts on agent local-1/.test(await arm.log(running)),
    );
    await cancel(arm, running);
    await until('the pool is gone', isDone);
    assert.equal((await arm.call('GET', pools.url('builders'))).status, 404);
    assert.equal((await arm.call('DELETE', pools.url('builders'))).status, 204);
  });

  test('what a pool cannot be is refused, with what would be right', async () => {
    const cases: [string, string, object, number, RegExp][] = [
      ['a virtual network', 'subnet', { virtualNetworkSubnetResourceId: '/s' }, 400, /NotSupported.*network/],
      ['the shared pool', 'default', {}, 400, /ReservedName/],
      ['a negative count', 'negative', { count: -1 }, 400, /properties\.count/],
      ['a tier that is none', 'tier9', { tier: 'S9' }, 400, /S1, S2, S3/],
    ];
    for (const [what, name, properties, status, expected] of cases) {
      const answer = await pools.put(name, properties);
      assert.equal(answer.status, status, what);
      assert.match(JSON.stringify(answer.body), expected, what);
    }
    await pools.settled(await pools.put('windows', { os: 'windows', count: 1 }));
    const mismatch = await trySchedule(arm, 'nothing', { agentPoolName: 'windows' });
    assert.match(JSON.stringify(mismatch.body), /AgentPoolPlatformMismatch.*Windows/);
    const unknown = await trySchedule(arm, 'nothing', { agentPoolName: 'nowhere' });
    assert.match(JSON.stringify(unknown.body), /no agent pool.*nowhere.*its pools are windows/);
  });
});

/** The process of a pool's only agent, as its place of work says. */
async function poolAgentPid(data: string): Promise<number> {
  return until('a pool agent is there', async () => {
    const agents = path.join(data, 'agents');
    const files = await readdir(agents, { recursive: true }).catch(() => []);
    for (const file of files.filter((each) => /^[0-9a-f-]{36}\/1\/[^/]+\/pid$/.test(each))) {
      const pid = Number.parseInt(await readFile(path.join(agents, file), 'utf8').catch(() => ''), 10);
      if (pid > 0 && isAlive(pid)) return pid;
    }
    return undefined;
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('agent pools whose agents join from elsewhere', () => {
  let server: TestServer;
  let arm: ArmClient;
  let pools: Pools;
  const agents: ChildProcess[] = [];

  before(async () => {
    server = await TestServer.start();
    arm = await ArmClient.connect(server);
    pools = new Pools(arm);
    for (const name of ['near', 'far']) {
      assert.equal(await pools.settled(await pools.put(name, { count: 1 })), 'Succeeded');
    }
  });
  after(async () => {
    for (const agent of agents) {
      if (agent.exitCode !== null) continue;
      agent.kill('SIGTERM');
      await once(agent, 'exit');
    }
    await server.stop();
  });

  const start = (pool: string, token: string): { agent: ChildProcess; output: () => string } => {
    const [program, ...args] = slipwayCommand(['agent', '--server', server.url, '--pool', pool]);
    args.push('--ca', path.join(server.data, 'tls', 'ca.pem'), '--name', 'guest');
    args.push('--work-directory', path.join(server.directory, `guest-${agents.length}`));
    const env = { ...process.env, SLIPWAY_AGENT_TOKEN: token };
    const agent = spawn(program ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let text = '';
    for (const stream of [agent.stdout, agent.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    agents.push(agent);
    return { agent, output: () => text };
  };
  const refused = async (pool: string, token: string): Promise<string> => {
    const { agent, output } = start(pool, token);
    const [code] = (await once(agent, 'close')) as [number | null];
    assert.notEqual(code, 0);
    return output();
  };

  test('with the token of the pool, and no other', async () => {
    assert.match(await refused('far', await pools.token('near')), /token is that of pool slipway\/near/);
    assert.match(await refused('default', await pools.token('near')), /token is that of pool slipway\/near/);
    assert.match(await refused('near', 'guessed'), /the agent token is wrong/);
    assert.deepEqual(await pools.agents('near'), []);
    start('slipway/near', await pools.token('near'));
    await until('it has joined', async () => (await pools.agents('near')).length === 1);
    assert.deepEqual(await pools.agents('far'), []);
    await succeeds(arm, await schedule(arm, 'nothing', { agentPoolName: 'near' }));
  });

  test('with the token of the server any pool; one that is unknown is refused with those that are', async () => {
    const token = (await readFile(path.join(server.data, 'agent.token'), 'utf8')).trim();
    assert.match(
      await refused('nowhere', token),
      /no agent pool nowhere; there is default, slipway\/far, slipway\/near/,
    );
    start('FAR', token);
    await until('it has joined', async () => (await pools.agents('far')).length === 1);
  });
});
