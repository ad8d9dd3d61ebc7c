import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ArmClient } from './support/arm.ts';
import { loginAz, type Az } from './support/az.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

interface Group {
  readonly id: string;
  readonly name: string;
  readonly tags: Record<string, string>;
  readonly properties: { readonly provisioningState: string };
}

/** Resource groups and the provider, by an unmodified az; deleting a group takes what is in it along. */
describe('az group and az provider', () => {
  let server: TestServer;
  let arm: ArmClient;
  let az: Az;

  before(async () => {
    server = await TestServer.start();
    arm = await ArmClient.connect(server);
    az = await loginAz(server);
  });
  after(() =>
    stopAll(
      () => az.logout(),
      () => server.stop(),
    ),
  );

  const version = '?api-version=2022-12-01';
  const groupPath = (name: string): string => arm.registryPath.replace(/slipway\/providers.*/, name);
  const makeRegistry = async (group: string, name: string): Promise<string> => {
    const path = `${groupPath(group)}/providers/Microsoft.ContainerRegistry/registries/${name}`;
    const { status, body } = await arm.call('PUT', `${path}?api-version=2025-11-01`, {
      location: 'local',
      sku: { name: 'Basic' },
    });
    assert.equal(status, 201, JSON.stringify(body));
    return path;
  };

  test('create, show, list, exists, update, delete', async () => {
    const created = (await az.azJson(
      'group',
      'create',
      '-n',
      'Team.One',
      '-l',
      'local',
      '--tags',
      'a=b',
    )) as Group;
    assert.equal(created.name, 'Team.One');
    assert.equal(created.properties.provisioningState, 'Succeeded');
    assert.deepEqual(((await az.azJson('group', 'show', '-n', 'TEAM.ONE')) as Group).tags, { a: 'b' });
    const listed = (await az.azJson('group', 'list')) as Group[];
    assert.deepEqual(listed.map(({ name }) => name).sort(), ['Team.One', 'slipway']);
    const updated = (await az.azJson('group', 'update', '-n', 'team.one', '--set', 'tags.c=d')) as Group;
    assert.deepEqual(updated.tags, { a: 'b', c: 'd' });
    assert.equal(await az.azJson('group', 'exists', '-n', 'team.one'), true);
    assert.equal(await az.azJson('group', 'exists', '-n', 'nowhere'), false);

    const registry = await makeRegistry('team.one', 'inteam1');
    const deleted = await az.az('group', 'delete', '-n', 'team.one', '-y');
    assert.equal(deleted.code, 0, deleted.stderr);
    assert.equal(await az.azJson('group', 'exists', '-n', 'team.one'), false);
    assert.equal((await arm.call('GET', `${registry}?api-version=2025-11-01`)).status, 404);
    assert.equal((await az.az('group', 'show', '-n', 'team.one')).code, 3);
  });

  test('az provider show, list and register; az resource show', async () => {
    const shown = (await az.azJson('provider', 'show', '-n', 'Microsoft.ContainerRegistry')) as {
      registrationState: string;
      resourceTypes: { resourceType: string; apiVersions: string[] }[];
    };
    assert.equal(shown.registrationState, 'Registered');
    const tasks = shown.resourceTypes.find(({ resourceType }) => resourceType === 'registries/tasks');
    assert.deepEqual(tasks?.apiVersions, [
      '2025-03-01-preview',
      '2019-06-01-preview',
      '2019-04-01',
      '2018-09-01',
    ]);
    const listed = (await az.azJson('provider', 'list')) as { namespace: string }[];
    assert.ok(listed.some(({ namespace }) => namespace === 'Microsoft.ContainerRegistry'));
    const registered = await az.az('provider', 'register', '-n', 'Microsoft.ContainerRegistry');
    assert.equal(registered.code, 0, registered.stderr);
    const resource = (await az.azJson('resource', 'show', '--ids', arm.registryPath)) as { name: string };
    assert.equal(resource.name, 'slipway');
  });

  test('a group that is being deleted: 202, a Location to poll, no way in; a kill in the middle only delays it', async () => {
    await arm.call('PUT', `${groupPath('doomed')}${version}`, { location: 'local' });
    const registries = [await makeRegistry('doomed', 'doomed1'), await makeRegistry('doomed', 'doomed2')];
    const begun = await arm.call('DELETE', `${groupPath('DOOMED')}${version}`);
    assert.equal(begun.status, 202);
    assert.match(String(begun.headers['retry-after']), /^\d+$/);
    const location = String(begun.headers.location).slice(server.url.length);
    await server.end('SIGKILL');
    await server.start();
    const polled = await until('the operation ends', async () => {
      const answer = await arm.call('GET', location);
      assert.ok([200, 202].includes(answer.status), JSON.stringify(answer));
      return answer.status === 200 && answer;
    });
    assert.equal(polled.body, undefined);
    assert.equal((await arm.call('GET', `${groupPath('doomed')}${version}`)).status, 404);
    for (const registry of registries) {
      assert.equal((await arm.call('GET', `${registry}?api-version=2025-11-01`)).status, 404);
    }
    await arm.call('PUT', `${groupPath('doomed')}${version}`, { location: 'local' });
    await makeRegistry('doomed', 'doomed1');
  });
});
