import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DockerBuildRequest, TaskRun } from '@azure/arm-containerregistry';
import { connectSdk, type Sdk } from './support/sdk.ts';
import { TestServer } from './support/server.ts';
import { tinyArchive, type WireTaskRun } from './support/task-run.ts';

/** Each operation of task runs through the Azure SDK for JavaScript. */
describe('task runs in the SDK', () => {
  let server: TestServer;
  let sdk: Sdk;
  let source: string;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    sdk = await connectSdk(server);
    source = await sdk.arm.upload(await tinyArchive());
  });
  after(() => server.stop());

  const build = (more: Partial<DockerBuildRequest> = {}): DockerBuildRequest => ({
    type: 'DockerBuildRequest',
    imageNames: ['sdk:latest'],
    isPushEnabled: false,
    dockerFilePath: 'Dockerfile',
    platform: { os: 'Linux', architecture: 'amd64' },
    sourceLocation: source,
    ...more,
  });
  const create = (name: string, taskRun: TaskRun): Promise<TaskRun> =>
    sdk.client.taskRuns.beginCreateAndWait(sdk.group, sdk.registry, name, taskRun);

  test('beginCreateAndWait: done when the run is done; the same again at once', async () => {
    const taskRun = { runRequest: build(), location: 'local', forceUpdateTag: '1' };
    const created = await create('created', taskRun);
    assert.equal(created.provisioningState, 'Succeeded');
    assert.equal(created.runResult?.status, 'Succeeded');
    assert.equal(created.runResult.runType, 'QuickRun');
    assert.equal(created.runRequest?.type, 'DockerBuildRequest');
    assert.deepEqual([created.location, created.forceUpdateTag], ['local', '1']);
    assert.ok(created.systemData?.createdAt instanceof Date);
    const again = await create('created', taskRun);
    assert.equal(again.runResult?.runId, created.runResult.runId);
  });

  test('beginCreateAndWait of a build that fails: rejected with the reason of the run', async () => {
    const failing = create('failing', { runRequest: build({ dockerFilePath: 'nowhere' }) });
    await assert.rejects(failing, /unable to find the Dockerfile "nowhere"/);
  });

  test('two pollers of equal requests follow one run', async () => {
    const both = await Promise.all([
      create('shared', { runRequest: build() }),
      create('shared', { runRequest: build() }),
    ]);
    for (const { provisioningState } of both) assert.equal(provisioningState, 'Succeeded');
    assert.equal(both[0].runResult?.runId, both[1].runResult?.runId);
  });

  test('beginUpdateAndWait: runs again for another forceUpdateTag, not for tags', async () => {
    const created = await create('updated', { runRequest: build() });
    const update = (parameters: object) =>
      sdk.client.taskRuns.beginUpdateAndWait(sdk.group, sdk.registry, 'updated', parameters);
    const tagged = await update({ tags: { a: 'b' } });
    assert.equal(tagged.runResult?.runId, created.runResult?.runId);
    const forced = await update({ forceUpdateTag: '2' });
    assert.notEqual(forced.runResult?.runId, created.runResult?.runId);
    assert.equal(forced.runResult?.status, 'Succeeded');
    const { body } = await sdk.arm.call('GET', forced.id ?? '');
    assert.deepEqual((body as WireTaskRun).tags, { a: 'b' }); // which the SDK's TaskRun lacks
  });

  test('get, getDetails: secrets in the latter only', async () => {
    const secret = [{ name: 'ROUND', value: 'sesame', isSecret: true }];
    await create('detailed', { runRequest: build({ arguments: secret }) });
    const argumentsOf = ({ runRequest }: TaskRun) => (runRequest as DockerBuildRequest).arguments;
    const shown = await sdk.client.taskRuns.get(sdk.group, sdk.registry, 'detailed');
    assert.deepEqual(argumentsOf(shown), [{ name: 'ROUND', isSecret: true }]);
    const details = await sdk.client.taskRuns.getDetails(sdk.group, sdk.registry, 'detailed');
    assert.deepEqual(argumentsOf(details), secret);
    const absent = sdk.client.taskRuns.get(sdk.group, sdk.registry, 'absent');
    await assert.rejects(absent, { statusCode: 404, code: 'ResourceNotFound' });
  });

  test('list, over more than one page; beginDeleteAndWait', async () => {
    const waiting = { runRequest: build({ platform: { os: 'Windows' } }) };
    const names = Array.from({ length: 101 }, (_, index) => `page-${1000 + index}`);
    for (const name of names) {
      await sdk.client.taskRuns.beginCreate(sdk.group, sdk.registry, name, waiting);
    }
    const listed = new Set<string | undefined>();
    for await (const { name } of sdk.client.taskRuns.list(sdk.group, sdk.registry)) listed.add(name);
    for (const name of names) assert.ok(listed.has(name), name);
    for (const name of names) {
      await sdk.client.taskRuns.beginDeleteAndWait(sdk.group, sdk.registry, name);
    }
    const left = new Set<string | undefined>();
    for await (const { name } of sdk.client.taskRuns.list(sdk.group, sdk.registry)) left.add(name);
    assert.ok(!names.some((name) => left.has(name)));
    await sdk.client.taskRuns.beginDeleteAndWait(sdk.group, sdk.registry, 'absent');
  });
});
