import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loginAz, type Az } from './support/az.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { pusherOf, type Pusher } from './support/oci.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

interface ListedRun {
  readonly runId: string;
  readonly runType: string;
  readonly status: string;
  readonly imageUpdateTrigger: { readonly images: readonly { repository: string; digest: string }[] } | null;
}

/** What az shows of a run that an updated base image has started. */
describe('az acr task, base images', () => {
  let server: TestServer;
  let git: GitServer;
  let own: Pusher;
  let az: Az;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    git = await serveGit();
    own = await pusherOf(server);
    az = await loginAz(server, server.directory);
  });
  after(async () => {
    await az.logout();
    await git.stop();
    await server.stop();
  });

  const task = ['-r', 'slipway', '-n', 'az-base'];
  const listRuns = async (): Promise<ListedRun[]> =>
    (await az.azJson('acr', 'task', 'list-runs', ...task)) as ListedRun[];

  test('list-runs names the image', async () => {
    await own.push('az/base:v1', '0');
    await git.commit('main', { Dockerfile: `FROM ${own.host}/az/base:v1\n` });
    await az.azJson(
      ...['acr', 'task', 'create', ...task, '-t', 'az/app:{{.Run.ID}}', '-c', git.url, '-f', 'Dockerfile'],
      ...['--commit-trigger-enabled', 'false', '--base-image-trigger-type', 'All'],
    );
    const ran = await az.az('acr', 'task', 'run', ...task);
    assert.equal(ran.code, 0, ran.stderr);
    const digest = await own.push('az/base:v1', '1');
    const run = await until('the image has started a run', async () =>
      (await listRuns()).find(({ imageUpdateTrigger }) => imageUpdateTrigger !== null),
    );
    assert.equal(run.runType, 'AutoBuild');
    assert.deepEqual(
      run.imageUpdateTrigger?.images.map((image) => [image.repository, image.digest]),
      [['az/base', digest]],
    );
    const table = await az.az('acr', 'task', 'list-runs', ...task, '-o', 'table');
    assert.match(table.stdout, new RegExp(`${run.runId} .*az-base .*Image Update`));
  });
});
