import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ArmClient } from './support/arm.ts';
import { loginAz, type Az } from './support/az.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { pusherOf, startPlainRegistry, type Pusher } from './support/oci.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

interface ListedRun {
  readonly runId: string;
  readonly runType: string;
  readonly status: string;
  readonly imageUpdateTrigger: { readonly images: readonly { repository: string; digest: string }[] } | null;
}

/** What az shows of runs that updated base images have started. Other registries are asked every ten minutes. */
describe('az acr task, base images', () => {
  let server: TestServer;
  let git: GitServer;
  let own: Pusher;
  let az: Az;

  before(async () => {
    server = await TestServer.start({ agents: 1, args: ['--base-image-check-minutes', '0'] });
    git = await serveGit();
    own = await pusherOf(server);
    az = await loginAz(server, server.directory);
  });
  after(() =>
    stopAll(
      () => az.logout(),
      () => git.stop(),
      () => server.stop(),
    ),
  );

  /** Has a task with that name run once. */
  async function runOnce(name: string, from: string): Promise<void> {
    await git.commit('main', { Dockerfile: `FROM ${from}\n` });
    const task = ['-r', 'slipway', '-n', name];
    await az.azJson(
      ...['acr', 'task', 'create', ...task, '-t', `${name}:{{.Run.ID}}`, '-c', git.url, '-f', 'Dockerfile'],
      ...['--commit-trigger-enabled', 'false', '--base-image-trigger-type', 'All'],
    );
    const ran = await az.az('acr', 'task', 'run', ...task);
    assert.equal(ran.code, 0, ran.stderr);
  }

  const startedByImage = (name: string): Promise<ListedRun> =>
    until('the image has started a run', async () => {
      const runs = await az.azJson('acr', 'task', 'list-runs', '-r', 'slipway', '-n', name);
      return (runs as ListedRun[]).find(({ imageUpdateTrigger }) => imageUpdateTrigger !== null);
    });

  test('list-runs names the image', async () => {
    await own.push('az/base:v1', '0');
    await runOnce('az-base', `${own.host}/az/base:v1`);
    const digest = await own.push('az/base:v1', '1');
    const run = await startedByImage('az-base');
    assert.equal(run.runType, 'AutoBuild');
    assert.deepEqual(
      run.imageUpdateTrigger?.images.map((image) => [image.repository, image.digest]),
      [['az/base', digest]],
    );
    const table = await az.az('acr', 'task', 'list-runs', '-r', 'slipway', '-n', 'az-base', '-o', 'table');
    assert.match(table.stdout, new RegExp(`${run.runId} .*az-base .*Image Update`));
  });

  test('another registry that tells of its push is looked at right away', async () => {
    const other = await startPlainRegistry();
    try {
      await other.push('told/base:v1', '0');
      await runOnce('az-told', `${other.host}/told/base:v1`);
      const digest = await other.push('told/base:v1', '1');
      const arm = await ArmClient.connect(server);
      const { body } = await arm.call('POST', `${arm.registryPath}/listImageWebhook`);
      const { url } = body as { url: string };
      const tell = async (to: string, payload: unknown): Promise<number> => {
        const headers = { 'content-type': 'application/json' };
        return (await server.http.request(to, { method: 'POST', headers, body: JSON.stringify(payload) }))
          .status;
      };
      const pushed = { repository: { repo_name: 'told/base' }, push_data: { tag: 'v1' } };
      assert.equal(await tell(`${url}x`, pushed), 404);
      assert.equal(await tell(url, { image: 'other.example.org/told/other:v1' }), 200);
      assert.equal(await tell(url, pushed), 202);
      const run = await startedByImage('az-told');
      assert.equal(run.imageUpdateTrigger?.images[0]?.digest, digest);
    } finally {
      await other.stop();
    }
  });
});
