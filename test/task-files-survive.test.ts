import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { findDockerCli } from '../src/engine/index.ts';
import { agentAtWork } from './support/agents.ts';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import { imageAliases, pushBusybox } from './support/base-images.ts';
import { command, must, TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

/** What may be left for so long after a run is told to end. */
const soonMs = 5000;

describe('task files whose agent is killed, or that are stopped', () => {
  let server: TestServer;
  let arm: ArmClient;
  let docker: string;

  before(async () => {
    docker = await findDockerCli(process.env);
    server = await TestServer.start({ agents: 1, env: imageAliases });
    arm = await ArmClient.connect(server);
    await pushBusybox(server);
  });
  after(() => server.stop());

  const start = async (lines: readonly string[]): Promise<string> => {
    const answer = await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
      type: 'EncodedTaskRunRequest',
      encodedTaskContent: Buffer.from(['version: v1.1.0', ...lines].join('\n')).toString('base64'),
      platform: { os: 'linux', architecture: 'amd64' },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body as WireRun).properties.runId;
  };
  const says = (runId: string, text: RegExp): Promise<boolean> =>
    until(`the log of ${runId} says ${text}`, async () => text.test(await arm.log(runId)));
  const ended = (runId: string, deadlineMs?: number): Promise<WireRun> =>
    until(
      `run ${runId} ends`,
      async () => {
        const run = await arm.run(runId);
        return isEnded(run) && run;
      },
      deadlineMs,
    );
  /** Names of the containers, networks and volumes that carry a label. */
  const labelled = async (label: string): Promise<string[]> => {
    const filter = ['--filter', `label=${label}`];
    const lists = await Promise.all([
      must(docker, ['ps', '--all', '--format', '{{.Names}}', ...filter]),
      must(docker, ['network', 'ls', '--format', '{{.Name}}', ...filter]),
      must(docker, ['volume', 'ls', '--format', '{{.Name}}', ...filter]),
    ]);
    return lists.flatMap((list) => list.split('\n').filter(Boolean));
  };
  const instanceAtWork = async (): Promise<{ pid: number; label: string; directory: string }> => {
    const { pid, directory } = await until('its agent is known', () => agentAtWork(server));
    return { pid, directory, label: `slipway.instance=${path.basename(directory)}` };
  };
  /** Somebody else's container, network and volume, whose names and labels look much like a run's. */
  const makeForeign = async (t: TestContext): Promise<{ image: string; name: string; label: string }> => {
    const image = `slipway-foreign-${randomUUID()}:v1`;
    await must('bash', ['-c', `tar -c -C / bin/busybox | "$0" import - "$1"`, docker, image]);
    const name = `slipway-1-1-${randomUUID().slice(0, 8)}`;
    const label = `slipway.instance=${randomUUID()}`;
    await must(docker, ['network', 'create', '--label', label, `${name}-net`]);
    await must(docker, ['volume', 'create', '--label', label, `${name}-volume`]);
    const where = ['--network', `${name}-net`, '--volume', `${name}-volume:/volume`];
    const sleep = ['/bin/busybox', 'sleep', '600'];
    await must(docker, [
      'run',
      '-d',
      '--label',
      label,
      '--name',
      `${name}-service`,
      ...where,
      image,
      ...sleep,
    ]);
    t.after(async () => {
      await command(docker, ['rm', '--force', `${name}-service`]);
      await command(docker, ['network', 'rm', `${name}-net`]);
      await command(docker, ['volume', 'rm', `${name}-volume`]);
      await command(docker, ['rmi', image]);
    });
    return { image, name, label };
  };

  const manyThings = (step: string): string[] => [
    'networks: [{name: own}]',
    `volumes: [{name: files, secret: {word: ${Buffer.from('of a volume').toString('base64')}}}]`,
    'steps:',
    '  - id: service',
    '    detach: true',
    '    network: own',
    '    cmd: bash sh -c "touch $HOME/served; sleep 600"',
    '  - id: work',
    '    network: own',
    '    volumeMounts: [{name: files, mountPath: /files}]',
    `    cmd: bash sh -c '${step}'`,
  ];

  test('the next agent at that place sweeps what the killed one left, nothing else, and does the run once', async (t) => {
    const foreign = await makeForeign(t);
    // Its first attempt never ends: the marker is in the log of the attempt alone.
    const runId = await start(manyThings('cat /files/word; echo; echo begun; sleep 3; echo done'));
    await says(runId, /^begun\r$/m);
    const { pid, label, directory } = await instanceAtWork();
    const left = await labelled(label);
    assert.equal(left.length, 3, left.join(' '));
    process.kill(pid, 'SIGKILL');
    const run = await ended(runId);
    const log = await arm.log(runId);
    assert.equal(run.properties.status, 'Succeeded', log);
    assert.match(log, /The agent of attempt 1 was lost\..* attempt 2 of 3/);
    assert.match(log, /Attempt 2 starts on agent/);
    assert.doesNotMatch(log, /Attempt 3/);
    assert.equal(log.match(/^begun\r$/gm)?.length, 2);
    assert.equal(log.match(/^done\r$/gm)?.length, 1);
    assert.doesNotMatch(log, /of a volume/);
    assert.deepEqual(await labelled(label), []);
    await assert.rejects(must('ls', [directory]), 'the files of the killed agent are gone');
    assert.deepEqual(
      await labelled(foreign.label),
      ['service', 'net', 'volume'].map((what) => `${foreign.name}-${what}`),
    );
    assert.equal(
      (await must(docker, ['inspect', '--format', '{{.State.Running}}', `${foreign.name}-service`])).trim(),
      'true',
    );
    const { body } = await arm.call('GET', `${arm.registryPath}/runs/${runId}/steps`);
    const { value } = body as { value: { properties: { stepId: string; status: string } }[] };
    assert.deepEqual(
      value.map(({ properties: { stepId, status } }) => `${stepId} ${status}`),
      ['service Succeeded', 'work Succeeded'],
    );
  });

  test('canceled: steps that ignore SIGTERM are gone with all the rest', async () => {
    const runId = await start(manyThings('trap "" TERM INT; echo deaf; while true; do sleep 1; done'));
    await says(runId, /^deaf\r$/m);
    const { label } = await instanceAtWork();
    assert.equal((await labelled(label)).length, 3);
    await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`);
    const until5 = Date.now() + soonMs;
    assert.equal((await ended(runId, soonMs)).properties.status, 'Canceled');
    await until('nothing is left', async () => (await labelled(label)).length === 0, until5 - Date.now());
  });

  test('the first failure stops those beside it, also one that ignores SIGTERM and one that only waits', async () => {
    const runId = await start([
      'steps:',
      '  - id: deaf',
      '    when: ["-"]',
      `    cmd: bash sh -c 'trap "" TERM INT; echo deaf; while true; do sleep 1; done'`,
      '  - id: waiting',
      '    when: ["-"]',
      '    startDelay: 600',
      '    cmd: bash true',
      '  - id: again',
      '    when: ["-"]',
      '    retries: 5',
      '    retryDelay: 600',
      '    cmd: bash false',
      '  - id: fails',
      '    when: ["-"]',
      // by then the others are where they stay
      `    cmd: bash sh -c 'until test -e go; do sleep 0.1; done; echo failing; exit 9'`,
      '  - id: opens',
      '    when: ["-"]',
      `    cmd: bash sh -c 'sleep 2; touch go'`,
    ]);
    await says(runId, /^failing\r$/m);
    const until5 = Date.now() + soonMs;
    const run = await ended(runId, soonMs);
    assert.equal(run.properties.runErrorMessage, 'failed to run step ID: fails: exit status 9');
    await until(
      'nothing is left',
      async () => (await labelled('slipway.run')).every((name) => !name.includes('-deaf')),
      until5 - Date.now(),
    );
    const { body } = await arm.call('GET', `${arm.registryPath}/runs/${runId}/steps`);
    const { value } = body as { value: { properties: { stepId: string; status: string } }[] };
    assert.deepEqual(
      value.map(({ properties: { stepId, status } }) => `${stepId} ${status}`),
      ['deaf Canceled', 'waiting Canceled', 'again Canceled', 'fails Failed', 'opens Succeeded'],
    );
  });
});
