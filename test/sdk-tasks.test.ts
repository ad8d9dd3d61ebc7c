import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DockerBuildStep, Task } from '@azure/arm-containerregistry';
import { connectSdk, type Sdk } from './support/sdk.ts';
import { TestServer } from './support/server.ts';

const step = {
  type: 'Docker',
  contextPath: 'https://git.example.com/app.git',
  contextAccessToken: 'context-token',
  imageNames: ['app:{{.Run.ID}}'],
  dockerFilePath: 'Dockerfile',
  arguments: [{ name: 'HIDDEN', value: 'argument-value', isSecret: true }],
} as const;

function dockerStepOf({ step: found }: Task): DockerBuildStep {
  assert.ok(found?.type === 'Docker');
  return found as DockerBuildStep; // the SDK's union is open, so that its type alone does not narrow it
}

/** Every operation on tasks through the Azure SDK for JavaScript. */
describe('tasks through the SDK', () => {
  let server: TestServer;
  let sdk: Sdk;

  before(async () => {
    server = await TestServer.start();
    sdk = await connectSdk(server);
  });
  after(() => server.stop());

  const create = (name: string) => {
    const { client, group, registry } = sdk;
    return client.tasks.beginCreateAndWait(group, registry, name, {
      location: 'local',
      identity: { type: 'SystemAssigned' },
      platform: { os: 'Linux', architecture: 'amd64' },
      step: { ...step, imageNames: [...step.imageNames], arguments: [...step.arguments] },
      trigger: { timerTriggers: [{ name: 'nightly', schedule: '0 3 * * *' }] },
    });
  };

  test('Tasks_Create and Tasks_Get', async () => {
    const { client, group, registry } = sdk;
    const made = await create('sdk-create');
    assert.equal(made.id, `${sdk.arm.registryPath}/tasks/sdk-create`);
    assert.equal(made.type, 'Microsoft.ContainerRegistry/registries/tasks');
    assert.deepEqual([made.provisioningState, made.status, made.timeout], ['Succeeded', 'Enabled', 3600]);
    assert.ok(made.creationDate instanceof Date && made.creationDate.getTime() > Date.now() - 600_000);
    assert.ok(made.systemData?.createdAt instanceof Date);
    assert.match(made.identity?.principalId ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(dockerStepOf(made).contextAccessToken, undefined);
    assert.deepEqual(dockerStepOf(made).arguments, [{ name: 'HIDDEN', isSecret: true }]);
    assert.deepEqual(await client.tasks.get(group, registry, 'SDK-CREATE'), made);
  });

  test('Tasks_GetDetails', async () => {
    const { client, group, registry } = sdk;
    await create('sdk-details');
    const details = dockerStepOf(await client.tasks.getDetails(group, registry, 'sdk-details'));
    assert.equal(details.contextAccessToken, step.contextAccessToken);
    assert.deepEqual(details.arguments, step.arguments);
  });

  test('Tasks_Update', async () => {
    const { client, group, registry } = sdk;
    const made = await create('sdk-update');
    const updated = await client.tasks.beginUpdateAndWait(group, registry, 'sdk-update', {
      status: 'Disabled',
      tags: { a: 'b' },
      step: { type: 'Docker', noCache: true },
      trigger: { timerTriggers: [{ name: 'weekly', schedule: '0 3 * * 0' }] },
    });
    assert.deepEqual([updated.status, updated.tags], ['Disabled', { a: 'b' }]);
    assert.deepEqual(updated.creationDate, made.creationDate);
    assert.deepEqual(updated.identity, made.identity);
    const { noCache, dockerFilePath } = dockerStepOf(updated);
    assert.deepEqual([noCache, dockerFilePath], [true, 'Dockerfile']);
    assert.deepEqual(
      updated.trigger?.timerTriggers?.map(({ name }) => name),
      ['nightly', 'weekly'],
    );
  });

  test('Tasks_List, in pages', async () => {
    const { client, group, registry } = sdk;
    const names = Array.from({ length: 101 }, (_, index) => `sdk-list-${String(index).padStart(3, '0')}`);
    for (const name of names) await create(name);
    const found: string[] = [];
    for await (const { name = '' } of client.tasks.list(group, registry)) found.push(name);
    assert.deepEqual(
      found.filter((name) => name.startsWith('sdk-list-')),
      names,
    );
  });

  test('Tasks_Delete, also of one that is not there', async () => {
    const { client, group, registry } = sdk;
    await create('sdk-delete');
    await client.tasks.beginDeleteAndWait(group, registry, 'sdk-delete');
    await client.tasks.beginDeleteAndWait(group, registry, 'sdk-delete');
    await assert.rejects(client.tasks.get(group, registry, 'sdk-delete'), {
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  test('Registries_ScheduleRun of a task, and Runs_List by its name', async () => {
    const { client, group, registry } = sdk;
    const { id: taskId = '' } = await create('sdk-run');
    const run = await client.registries.beginScheduleRunAndWait(group, registry, {
      type: 'TaskRunRequest',
      taskId,
      overrideTaskStepProperties: { arguments: [{ name: 'HIDDEN', value: 'other', isSecret: true }] },
    });
    assert.deepEqual([run.task, run.runType, run.status], ['sdk-run', 'QuickRun', 'Queued']);
    const found: (string | undefined)[] = [];
    for await (const { runId } of client.runs.list(group, registry, { filter: "TaskName eq 'sdk-run'" }))
      found.push(runId);
    assert.deepEqual(found, [run.runId]);
  });
});
