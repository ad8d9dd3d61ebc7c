import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findDockerCli } from '../src/engine/index.ts';
import { agentDirectories, namesOnEngine } from './support/agents.ts';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

/** Task files as runs of a server, with its registry and an agent. */
describe('task files', () => {
  let server: TestServer;
  let arm: ArmClient;
  let docker: string;
  let archive: Buffer;
  before(async () => {
    docker = await findDockerCli(process.env);
    server = await TestServer.start({ agents: 1 });
    arm = await ArmClient.connect(server);
    const context = await makeContext(busyboxBase);
    archive = await archiveOfDirectory(context.directory);
    await context.remove();
  });
  after(() => server.stop());

  const start = async (steps: readonly string[]): Promise<string> => {
    const text = ['version: v1.1.0', 'steps:', ...steps].join('\n');
    const answer = await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
      type: 'EncodedTaskRunRequest',
      encodedTaskContent: Buffer.from(text).toString('base64'),
      sourceLocation: await arm.upload(archive),
      platform: { os: 'linux', architecture: 'amd64' },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body as { properties: { runId: string } }).properties.runId;
  };
  const ended = (runId: string): Promise<WireRun> =>
    until(`run ${runId} ends`, async () => {
      const run = await arm.run(runId);
      return isEnded(run) && run;
    });
  const onEngine = async (): Promise<string[]> => namesOnEngine(docker, await agentDirectories(server));

  test('build, run and push: the registry has the digest that the run says', async () => {
    const runId = await start([
      '  - id: make',
      '    build: -t $Registry/made:{{.Run.ID}} .',
      '  - id: try',
      '    cmd: $Registry/made:{{.Run.ID}} echo tried',
      '  - id: send',
      '    push: ["$Registry/made:{{.Run.ID}}"]',
      '  - id: again',
      '    pull: true',
      '    cmd: $Registry/made:{{.Run.ID}} echo pulled',
    ]);
    const run = await ended(runId);
    const log = await arm.log(runId);
    assert.equal(run.properties.status, 'Succeeded', log);
    assert.match(log, /^tried\r$/m);
    assert.match(log, /^pulled\r$/m);
    const [image] = run.properties.outputImages ?? [];
    assert.equal(image?.repository, 'made');
    assert.ok(log.includes(`digest: ${image?.digest}`), log);
  });

  test('canceled: steps, service and network are gone', async () => {
    const runId = await start([
      '  - build: -t $Registry/slow:1 .',
      '  - id: service',
      '    detach: true',
      '    cmd: $Registry/slow:1 sleep 600',
      '  - cmd: $Registry/slow:1 sh -c "echo begun; sleep 600"',
    ]);
    await until('the step is under way', async () => /^begun/m.test(await arm.log(runId)));
    assert.ok((await onEngine()).some((name) => /^slipway-\d+-1-[0-9a-f]{8}-.*service$/.test(name)));
    await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`);
    assert.equal((await ended(runId)).properties.status, 'Canceled');
    await until('nothing is left', async () => (await onEngine()).length === 0, 5000);
  });

  test('a failing step names itself in the run', async () => {
    const run = await ended(
      await start([
        '  - build: -t $Registry/f:1 .',
        '  - id: bad',
        '    cmd: $Registry/f:1 sh -c "exit 5"',
        '  - id: never',
        '    cmd: $Registry/f:1',
      ]),
    );
    assert.equal(run.properties.status, 'Failed');
    const { body } = await arm.call('GET', `${arm.registryPath}/runs/${run.properties.runId}/steps`);
    const { value } = body as {
      value: { name: string; properties: { status: string; exitCode?: number } }[];
    };
    assert.deepEqual(
      value.map(({ name, properties: { status, exitCode } }) => [name, status, exitCode]),
      [
        ['acb_step_0', 'Succeeded', 0],
        ['bad', 'Failed', 5],
        ['never', 'Skipped', undefined],
      ],
    );
    assert.equal(run.properties.runErrorMessage, 'failed to run step ID: bad: exit status 5');
  });
});
