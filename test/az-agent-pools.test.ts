import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loginAz, type Az } from './support/az.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';

interface AzPool {
  readonly name: string;
  readonly count: number;
  readonly tier: string;
  readonly provisioningState: string;
}

/** `az acr agentpool` and builds on a pool, unmodified. */
describe('az acr agentpool', () => {
  let server: TestServer;
  let azure: Az;
  let context: Awaited<ReturnType<typeof makeContext>>;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    context = await makeContext(`${busyboxBase}\nRUN echo built on a pool\n`);
    azure = await loginAz(server, context.directory);
  });
  after(() =>
    stopAll(
      () => azure.logout(),
      () => server.stop(),
      () => context.remove(),
    ),
  );

  test('create, list, show, build on it, update, delete', async () => {
    const of = ['-r', 'slipway', '-n', 'azpool'];
    const created = (await azure.azJson(
      'acr',
      'agentpool',
      'create',
      ...of,
      '--tier',
      'S1',
      '--count',
      '1',
    )) as AzPool;
    assert.deepEqual([created.name, created.count, created.tier], ['azpool', 1, 'S1']);
    assert.equal(created.provisioningState, 'Succeeded');
    const listed = (await azure.azJson('acr', 'agentpool', 'list', '-r', 'slipway')) as AzPool[];
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['azpool'],
    );
    const shown = (await azure.azJson('acr', 'agentpool', 'show', ...of, '--queue-count')) as {
      count: number;
    };
    assert.equal(shown.count, 0);

    const built = await azure.az(
      ...['acr', 'build', '-r', 'slipway', '-t', 'pool:v1', '--agent-pool', 'azpool', context.directory],
    );
    assert.equal(built.code, 0, built.stdout + built.stderr);
    assert.match(built.stdout, /was successful after/);

    const updated = (await azure.azJson('acr', 'agentpool', 'update', ...of, '--count', '0')) as AzPool;
    assert.deepEqual([updated.count, updated.provisioningState], [0, 'Succeeded']);
    const deleted = await azure.az('acr', 'agentpool', 'delete', ...of, '-y');
    assert.equal(deleted.code, 0, deleted.stderr);
    assert.equal((await azure.az('acr', 'agentpool', 'show', ...of)).code, 3);
  });
});
