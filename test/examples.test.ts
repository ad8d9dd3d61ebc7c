import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { agentDirectories, namesOnEngine } from './support/agents.ts';
import { ArmClient } from './support/arm.ts';
import { imageAliases, pushBusybox, pushNode } from './support/base-images.ts';
import { TestServer, type CommandResult } from './support/server.ts';

interface WireStep {
  readonly properties: {
    readonly stepId: string;
    readonly status: string;
    readonly attempts: number;
    readonly startTime?: string;
    readonly finishTime?: string;
    readonly exitCode?: number;
  };
}

/** The tasks of `examples/`, on the real engine, pushed to the real registry. */
describe('the examples', () => {
  let server: TestServer;
  let arm: ArmClient;
  let busybox: string;

  before(async () => {
    server = await TestServer.start({ agents: 1, env: imageAliases });
    arm = await ArmClient.connect(server);
    busybox = await pushBusybox(server);
  });
  after(() => server.stop());

  /** Runs an example. @returns what was printed, the run's id and its steps by their ids. */
  async function runExample(
    name: string,
    args: readonly string[] = [],
  ): Promise<CommandResult & { runId: string; steps: Map<string, WireStep['properties']> }> {
    const directory = path.join(import.meta.dirname, '..', 'examples', name);
    const result = await server.slipway(['run', '-f', 'task.yaml', ...args, directory]);
    const runId = /Queued as run (\w+)/.exec(result.stderr)?.[1] ?? '';
    const { body } = await arm.call('GET', `${arm.registryPath}/runs/${runId}/steps`);
    const { value } = body as { value: WireStep[] };
    return { ...result, runId, steps: new Map(value.map(({ properties: step }) => [step.stepId, step])) };
  }

  function assertSucceeded(result: CommandResult): void {
    assert.equal(result.code, 0, result.stdout + result.stderr);
  }

  /** What a pushed image prints when it runs. */
  async function outputOf(image: string): Promise<string> {
    const result = await server.slipway(['run', '--cmd', image, '/dev/null']);
    assertSucceeded(result);
    return result.stdout;
  }

  test('node-service: built, run, tested over its name, and pushed', async () => {
    const node = await pushNode(server);
    const result = await runExample('node-service', ['--set', `base=${node}`]);
    assertSucceeded(result);
    assert.match(result.stdout, /listening on 8080/);
    assert.match(result.stdout, /http:\/\/web:8080 does what it should/);
    assert.match(result.stderr, /node-service:\w+@sha256:[0-9a-f]{64}/);
    assert.deepEqual(
      [...result.steps.values()].map(({ status }) => status),
      ['Succeeded', 'Succeeded', 'Succeeded', 'Succeeded'],
    );
    assert.deepEqual(await namesOnEngine('docker', await agentDirectories(server)), []);
  });

  test('matrix: eight builds at once, each pushed', async () => {
    const result = await runExample('matrix', ['--set', `base=${busybox}`]);
    assertSucceeded(result);
    assert.equal(result.steps.size, 16);
    for (const flavour of ['apple', 'hazelnut']) {
      assert.match(result.stderr, new RegExp(`matrix:${flavour}@sha256:`));
    }
    const builds = [...result.steps.values()].filter(({ stepId }) => stepId.startsWith('build-'));
    const lastStart =
      builds
        .map(({ startTime = '' }) => startTime)
        .sort()
        .at(-1) ?? '';
    const firstEnd = builds.map(({ finishTime = '' }) => finishTime).sort()[0] ?? '';
    assert.ok(
      lastStart < firstEnd,
      `the last build began at ${lastStart}, after one had ended at ${firstEnd}`,
    );
    assert.match(await outputOf('$Registry/matrix:fig'), /This is fig\./);
  });

  test('values: from file and command line; the secret shows nowhere', async () => {
    const secret = 'open-sesame-4711';
    const result = await runExample('values', [
      ...['--values', 'values.yaml', '--set', `base=${busybox}`, '--set', 'greeting=Hi there'],
      ...['--set-secret', `token=${secret}`],
    ]);
    assertSucceeded(result);
    assert.doesNotMatch(result.stdout, new RegExp(secret));
    assert.match(result.stderr, /values:test@sha256:/);
    assert.match(result.stderr, /values:production@sha256:/);
    assert.match(await outputOf('$Registry/values:production'), /^Hi there/m);
    const sum = createHash('sha256').update(secret).digest('hex');
    assert.match(await outputOf('$Registry/values:test cat /token.sha256'), new RegExp(sum));
  });

  test('cross-image: a later step runs what an earlier one built', async () => {
    const result = await runExample('cross-image', ['--set', `base=${busybox}`]);
    assertSucceeded(result);
    assert.match(await outputOf(`$Registry/sorted:${result.runId}`), /apple\r?\nfig\r?\npear/);
  });

  test('cached: the second run takes its layers from the first', async () => {
    const base = await pushBusybox(server, randomUUID());
    const first = await runExample('cached', ['--set', `base=${base}`]);
    assertSucceeded(first);
    const second = await runExample('cached', ['--set', `base=${base}`]);
    assertSucceeded(second);
    assert.match(second.stdout, /^#\d+ CACHED\r?$/m);
    const secondsOf = ({ steps }: typeof first): number => {
      const { startTime = '', finishTime = '' } = steps.get('build') ?? {};
      return (Date.parse(finishTime) - Date.parse(startTime)) / 1000;
    };
    // The first sleeps for three seconds in a layer.
    const ratio = secondsOf(second) / secondsOf(first);
    console.log(`cached build: the second run took ${(ratio * 100).toFixed(0)} % of the first`);
    assert.ok(secondsOf(first) > 3);
  });

  test('failing: the run fails with the step, what ran beside it is stopped, the rest is skipped', async () => {
    const result = await runExample('failing');
    assert.equal(result.code, 1, result.stdout);
    assert.match(result.stdout, /about to fail/);
    assert.match(result.stdout, /Run ID: \w+ failed after \d+s\. Error: .*exit status 3/);
    assert.doesNotMatch(result.stdout, /this is never said\r?\n/);
    const statusOf = (stepId: string): string | undefined => result.steps.get(stepId)?.status;
    assert.deepEqual(['beside', 'fails', 'never'].map(statusOf), ['Canceled', 'Failed', 'Skipped']);
    assert.equal(result.steps.get('fails')?.exitCode, 3);
  });

  test('retrying: a flaky step is tried again, a failing one may be ignored, one is repeated', async () => {
    const result = await runExample('retrying');
    assertSucceeded(result);
    assert.match(result.stdout, /connection reset[\s\S]*works now/);
    assert.equal(result.steps.get('flaky')?.attempts, 2);
    assert.equal(result.steps.get('optional')?.exitCode, 7);
    assert.match(result.stdout, /again\r?\n[\s\S]*again\r?\nagain\r?\n/);
  });
});
