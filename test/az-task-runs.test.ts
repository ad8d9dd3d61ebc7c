import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ArmClient } from './support/arm.ts';
import { loginAz, type Az } from './support/az.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { buildOf, runIdOf, taskRunsOf, tinyArchive } from './support/task-run.ts';

/** `az acr taskrun …` on a task run that a plain PUT has made; az itself makes them by ARM templates. */
describe('az acr taskrun', () => {
  let server: TestServer;
  let az: Az;
  let runId: string;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    az = await loginAz(server);
    const arm = await ArmClient.connect(server);
    const taskRuns = taskRunsOf(arm);
    const begun = await taskRuns.put('by-put', buildOf(await arm.upload(await tinyArchive())));
    runId = runIdOf(taskRuns.body(begun));
    assert.equal((await taskRuns.operation(begun)).status, 'Succeeded');
  });
  after(() =>
    stopAll(
      () => az.logout(),
      () => server.stop(),
    ),
  );

  test('list and show', async () => {
    const [listed, ...others] = (await az.azJson('acr', 'taskrun', 'list', '-r', 'slipway')) as object[];
    assert.deepEqual(others, []);
    const shown = (await az.azJson('acr', 'taskrun', 'show', '-r', 'slipway', '-n', 'by-put')) as {
      name: string;
      provisioningState: string;
      runRequest: { type: string };
      runResult: { runId: string; status: string; runType: string };
    };
    assert.deepEqual(listed, shown);
    assert.equal(shown.name, 'by-put');
    assert.equal(shown.provisioningState, 'Succeeded');
    assert.equal(shown.runRequest.type, 'DockerBuildRequest');
    const { status, runType } = shown.runResult;
    assert.deepEqual([shown.runResult.runId, status, runType], [runId, 'Succeeded', 'QuickRun']);
    const table = await az.az('acr', 'taskrun', 'list', '-r', 'slipway', '-o', 'table');
    assert.match(table.stdout, new RegExp(`by-put\\s.*${runId}.*Succeeded`), table.stderr);
  });

  test('logs', async () => {
    const logs = await az.az('acr', 'taskrun', 'logs', '-r', 'slipway', '-n', 'by-put');
    assert.equal(logs.code, 0, logs.stderr);
    assert.match(logs.stdout, new RegExp(`Run ID: ${runId} was successful after`));
  });

  test('delete; then show exits with 3', async () => {
    const deleted = await az.az('acr', 'taskrun', 'delete', '-r', 'slipway', '-n', 'by-put', '-y');
    assert.equal(deleted.code, 0, deleted.stderr);
    const shown = await az.az('acr', 'taskrun', 'show', '-r', 'slipway', '-n', 'by-put');
    assert.equal(shown.code, 3);
    assert.match(shown.stderr, /ResourceNotFound/);
    assert.deepEqual(await az.azJson('acr', 'taskrun', 'list', '-r', 'slipway'), []);
  });
});
