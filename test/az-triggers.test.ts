import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loginAz, type Az } from './support/az.ts';
import { startForge, type TestForge } from './support/forge.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

const token = 'az-forge-token-4711';

/** What an unmodified az makes of triggers. No agents: runs stay queued. */
describe('az acr task with triggers', () => {
  let server: TestServer;
  let forge: TestForge;
  let az: Az;

  before(async () => {
    server = await TestServer.start();
    // az says VisualStudioTeamService of it, as of all that is not at github.com
    forge = await startForge('Gitlab', token, path.join(server.data, 'tls', 'ca.pem'));
    az = await loginAz(server);
  });
  after(() =>
    stopAll(
      () => az.logout(),
      () => forge.stop(),
      () => server.stop(),
    ),
  );

  test('a push starts a run of a task that az made, and list-runs shows it', async () => {
    const sha = await forge.commit('main', { Dockerfile: 'FROM scratch\n' });
    const named = ['-r', 'slipway', '-n', 'az-pushed'];
    const create = [
      'acr',
      'task',
      'create',
      ...named,
      '--context',
      `${forge.url}#main`,
      '--file',
      'Dockerfile',
    ];
    const triggers = ['--commit-trigger-enabled', 'true', '--pull-request-trigger-enabled', 'true'];
    await az.azJson(...create, '--image', 'pushed:v1', ...triggers, '--git-access-token', token);
    await until('the webhook is registered', () => forge.hooks.length === 1);
    await forge.push('main');
    const run = await until('there is a run', async () => {
      const runs = await az.azJson('acr', 'task', 'list-runs', '-r', 'slipway', '-n', 'az-pushed');
      return (runs as { runType: string; sourceTrigger: { commitId: string } | null }[])[0];
    });
    assert.equal(run.sourceTrigger?.commitId, sha);
    assert.equal(run.runType, 'AutoBuild');
  });
});
