import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DockerBuildRequest, Run } from '@azure/arm-containerregistry';
import { connectBlob, connectSdk, type Sdk } from './support/sdk.ts';
import { TestServer } from './support/server.ts';
import { tinyArchive } from './support/task-run.ts';
import { until } from './support/wait.ts';

/** Each operation of runs through the Azure SDK for JavaScript, its storage client included. */
describe('runs in the SDK', () => {
  let server: TestServer;
  let sdk: Sdk;
  let source: string;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    sdk = await connectSdk(server);
    const { group, registry, client } = sdk;
    const { uploadUrl = '', relativePath = '' } = await client.registries.getBuildSourceUploadUrl(
      group,
      registry,
    );
    const archive = await tinyArchive();
    await (await connectBlob(server, uploadUrl)).upload(archive, archive.length);
    source = relativePath;
  });
  after(() => server.stop());

  const schedule = (more: Partial<DockerBuildRequest> = {}): Promise<Run> =>
    sdk.client.registries.beginScheduleRunAndWait(sdk.group, sdk.registry, {
      type: 'DockerBuildRequest',
      imageNames: ['sdk:v1'],
      dockerFilePath: 'Dockerfile',
      platform: { os: 'Linux', architecture: 'amd64' },
      sourceLocation: source,
      ...more,
    });
  const waiting = () => schedule({ platform: { os: 'Windows' } });
  const get = (runId: string | undefined): Promise<Run> =>
    sdk.client.runs.get(sdk.group, sdk.registry, runId ?? '');
  const list = async (options: { filter?: string; top?: number }): Promise<string[]> => {
    const listed: string[] = [];
    for await (const { runId } of sdk.client.runs.list(sdk.group, sdk.registry, options)) {
      listed.push(runId ?? '');
    }
    return listed;
  };

  test('upload, beginScheduleRunAndWait, get, getLogSasUrl: a build and its log', async () => {
    const scheduled = await schedule();
    assert.equal(scheduled.runType, 'QuickBuild');
    const run = await until('the run ends', async () => {
      const found = await get(scheduled.runId);
      return found.finishTime && found;
    });
    assert.equal(run.status, 'Succeeded', run.runErrorMessage);
    assert.equal(run.provisioningState, 'Succeeded');
    assert.ok(run.createTime instanceof Date && run.startTime instanceof Date);
    assert.equal(run.outputImages?.[0]?.repository, 'sdk');
    assert.match(run.outputImages[0].digest ?? '', /^sha256:/);

    const { logLink = '' } = await sdk.client.runs.getLogSasUrl(sdk.group, sdk.registry, run.runId ?? '');
    const blob = await connectBlob(server, logLink);
    const { metadata, contentLength } = await blob.getProperties();
    assert.equal(metadata?.complete, 'Successful');
    const log = (await blob.downloadToBuffer()).toString();
    assert.equal(Buffer.byteLength(log), contentLength);
    assert.match(log, new RegExp(`Run ID: ${run.runId} was successful after`));
    assert.equal((await blob.downloadToBuffer(8, 16)).toString(), log.slice(8, 24));
    await assert.rejects(get('ca999999'), { statusCode: 404, code: 'RunNotFound' });
  });

  test('beginUpdateAndWait keeps a run; beginCancelAndWait cancels it', async () => {
    const { runId = '' } = await waiting();
    const { client, group, registry } = sdk;
    const kept = await client.runs.beginUpdateAndWait(group, registry, runId, { isArchiveEnabled: true });
    assert.equal(kept.isArchiveEnabled, true);
    await client.runs.beginCancelAndWait(group, registry, runId);
    const canceled = await get(runId);
    assert.deepEqual([canceled.status, canceled.isArchiveEnabled], ['Canceled', true]);
    const again = client.runs.beginCancelAndWait(group, registry, runId);
    await assert.rejects(again, { statusCode: 409, code: 'RunAlreadyFinished' });
  });

  test('list with filter and top, over more than one page', async () => {
    const queued: string[] = [];
    while (queued.length < 103) queued.unshift((await waiting()).runId ?? '');
    const { runId: canceled = '' } = await waiting();
    await sdk.client.runs.beginCancelAndWait(sdk.group, sdk.registry, canceled);
    assert.deepEqual(await list({ filter: "Status eq 'Queued'" }), queued);
    const first = queued.slice(0, 102);
    assert.deepEqual(await list({ filter: "status eq 'queued'", top: 102 }), first);
    assert.deepEqual(await list({ top: 2 }), [canceled, queued[0]]);
    const pages: number[] = [];
    for await (const page of sdk.client.runs.list(sdk.group, sdk.registry).byPage()) pages.push(page.length);
    assert.equal(pages[0], 100);
    await assert.rejects(list({ filter: 'Status eq' }), { statusCode: 400 });
  });
});
