import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient, isEnded, type Answer } from './support/arm.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import {
  buildOf,
  runIdOf,
  taskRunsOf,
  tinyArchive,
  waitingBuildOf,
  type WireTaskRun,
} from './support/task-run.ts';
import { until } from './support/wait.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

for (const state of ['PGlite', 'PostgreSQL'] as const)
  describe(`task runs, on ${state}`, () => {
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    let server: TestServer;
    let arm: ArmClient;
    let taskRuns: ReturnType<typeof taskRunsOf>;
    let source: string;

    before(async () => {
      if (state === 'PostgreSQL') postgres = await startPostgres();
      server = await TestServer.start({ agents: 1, ...(postgres && { databaseUrl: postgres.url }) });
      arm = await ArmClient.connect(server);
      taskRuns = taskRunsOf(arm);
      source = await arm.upload(await tinyArchive());
    });
    after(() =>
      stopAll(
        () => server.stop(),
        () => postgres?.stop(),
      ),
    );

    const errorOf = ({ body }: Answer) =>
      (body as { error: { code: string; message: string; target?: string } }).error;
    const query = async (statement: string, values: string[] = []): Promise<unknown[]> => {
      const database = new pg.Client({ connectionString: postgres?.url ?? '' });
      await database.connect();
      const { rows } = await database.query<object>(statement, values);
      await database.end();
      return rows;
    };
    const cancel = async (runId: string): Promise<void> => {
      const { status } = await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`);
      assert.equal(status, 200);
    };
    const round = (value: string, isSecret = false) => ({
      arguments: [{ name: 'ROUND', value, isSecret }],
    });

    test('a new one runs: 201, the operation, the run as its result', async () => {
      const begun = await taskRuns.put('First-1', buildOf(source), { location: 'local', tags: { a: 'b' } });
      const created = taskRuns.body(begun);
      assert.equal(begun.status, 201);
      assert.equal(created.name, 'First-1');
      assert.equal(created.type, 'Microsoft.ContainerRegistry/registries/taskRuns');
      assert.equal(created.id, taskRuns.at('First-1'));
      assert.deepEqual([created.location, created.tags], ['local', { a: 'b' }]);
      assert.equal(created.properties.provisioningState, 'Creating');
      assert.equal(created.properties.runResult?.properties.runType, 'QuickRun');
      assert.ok(!('forceUpdateTag' in created.properties) && !('identity' in created));
      assert.ok(!('credentials' in created.properties.runRequest));
      assert.deepEqual(created.properties.runRequest.platform, { os: 'linux', architecture: 'amd64' });
      assert.ok(String(begun.headers['azure-asyncoperation']).startsWith(server.url + created.id));

      assert.equal((await taskRuns.operation(begun)).status, 'Succeeded');
      const done = await taskRuns.get('fIRST-1');
      assert.equal(done.name, 'First-1');
      assert.equal(done.properties.provisioningState, 'Succeeded');
      assert.deepEqual(done.properties.runResult, await arm.run(runIdOf(created)));
      assert.equal(done.properties.runResult?.properties.status, 'Succeeded');
    });

    test('the same again does not run; another tag or request does', async () => {
      const begun = await taskRuns.put('again', buildOf(source), { properties: { forceUpdateTag: '1' } });
      const first = runIdOf(taskRuns.body(begun));
      await taskRuns.operation(begun);
      // Equal after validation: defaults spelled out, `credentials` left out.
      const same = buildOf(source, { credentials: null, timeout: 3600, noCache: false });
      const equal = await taskRuns.put('AGAIN', same, {
        properties: { forceUpdateTag: '1' },
        tags: { new: 'tag' },
      });
      assert.equal(equal.status, 200);
      assert.ok(!('azure-asyncoperation' in equal.headers));
      assert.equal(runIdOf(taskRuns.body(equal)), first);
      assert.deepEqual(taskRuns.body(equal).tags, { new: 'tag' });

      const forced = await taskRuns.put('again', same, { properties: { forceUpdateTag: '2' } });
      assert.equal(taskRuns.body(forced).properties.provisioningState, 'Updating');
      assert.notEqual(runIdOf(taskRuns.body(forced)), first);
      assert.equal((await taskRuns.operation(forced)).status, 'Succeeded');
      const changed = await taskRuns.put(
        'again',
        { ...same, timeout: 900 },
        {
          properties: { forceUpdateTag: '2' },
        },
      );
      assert.equal((await taskRuns.operation(changed)).status, 'Succeeded');
      const { createdAt, lastModifiedAt } = (await taskRuns.get('again')).systemData;
      assert.ok(lastModifiedAt > createdAt);
    });

    test('PATCH: the same rule', async () => {
      const begun = await taskRuns.put('patched', buildOf(source, round('1')), { tags: { old: 'tag' } });
      const first = runIdOf(taskRuns.body(begun));
      await taskRuns.operation(begun);
      const tagged = await taskRuns.patch('patched', { tags: { new: 'tag' } });
      assert.equal(tagged.status, 200);
      assert.deepEqual(taskRuns.body(tagged).tags, { new: 'tag' });
      assert.equal(runIdOf(taskRuns.body(tagged)), first);
      const runRequest = { type: 'DockerBuildRequest', ...round('2') };
      const changed = await taskRuns.patch('patched', { properties: { runRequest } });
      const { properties } = taskRuns.body(changed);
      assert.equal(properties.provisioningState, 'Updating');
      assert.deepEqual(properties.runRequest.arguments, round('2').arguments);
      assert.equal(properties.runRequest.sourceLocation, source);
      assert.equal((await taskRuns.operation(changed)).status, 'Succeeded');
      const forced = await taskRuns.patch('patched', { properties: { forceUpdateTag: 'x' } });
      assert.equal((await taskRuns.operation(forced)).status, 'Succeeded');
      assert.equal((await taskRuns.patch('patched', { properties: { forceUpdateTag: 'x' } })).status, 200);
      assert.equal((await taskRuns.patch('absent-1', {})).status, 404);
    });

    test('equal requests at one instant start one run', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => taskRuns.put('at-once', waitingBuildOf(source))),
      );
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [...Array<number>(7).fill(200), 201]);
      const [runId, ...others] = new Set(answers.map((answer) => runIdOf(taskRuns.body(answer))));
      assert.deepEqual(others, []);
      const { body } = await arm.call('GET', `${arm.registryPath}/runs?$top=3`);
      const newest = (body as { value: { name: string }[] }).value.map(({ name }) => name);
      assert.equal(newest[0], runId);
      await cancel(runId ?? '');
      const again = await Promise.all(
        Array.from({ length: 4 }, () =>
          taskRuns.patch('at-once', { properties: { forceUpdateTag: 'again' } }),
        ),
      );
      assert.deepEqual(again.map(({ status }) => status).sort(), [200, 200, 200, 201]);
      await cancel(runIdOf(await taskRuns.get('at-once')));
    });

    test('while its run is under way: refused if it would run again; canceling the run ends the operation', async () => {
      const begun = await taskRuns.put('at-work', waitingBuildOf(source));
      const runId = runIdOf(taskRuns.body(begun));
      const equal = await taskRuns.put('at-work', waitingBuildOf(source), { tags: { a: 'b' } });
      assert.equal(equal.status, 200);
      assert.equal(taskRuns.body(equal).properties.provisioningState, 'Creating');
      for (const refused of [
        await taskRuns.put('at-work', buildOf(source)),
        await taskRuns.patch('at-work', { properties: { forceUpdateTag: 'x' } }),
      ]) {
        assert.equal(refused.status, 409);
        assert.equal(errorOf(refused).code, 'TaskRunInProgress');
        assert.match(errorOf(refused).message, new RegExp(`its run ${runId} is Queued; wait .*cancel-run`));
      }
      await cancel(runId);
      assert.equal((await taskRuns.operation(begun)).status, 'Canceled');
      assert.equal((await taskRuns.get('at-work')).properties.provisioningState, 'Canceled');
      const other = await taskRuns.put('at-work', buildOf(source));
      assert.equal((await taskRuns.operation(other)).status, 'Succeeded');
    });

    test('a build that fails: the operation and the task run are Failed and say why', async () => {
      const missing = await taskRuns.put('failing', buildOf(source, { dockerFilePath: 'nowhere' }));
      const { status, error } = await taskRuns.operation(missing);
      assert.equal(status, 'Failed');
      assert.match(error?.message ?? '', /unable to find the Dockerfile "nowhere"/);
      const { provisioningState, runResult } = (await taskRuns.get('failing')).properties;
      assert.equal(provisioningState, 'Failed');
      assert.equal(runResult?.properties.runErrorMessage, error?.message);
      const mended = await taskRuns.put('failing', buildOf(source));
      assert.equal((await taskRuns.operation(mended)).status, 'Succeeded');
    });

    test('deleted while it runs: the run is canceled and stays listed', async () => {
      const context = await makeContext(`${busyboxBase}\nRUN sleep 600\n`);
      const slow = await arm.upload(await archiveOfDirectory(context.directory));
      await context.remove();
      const runId = runIdOf(taskRuns.body(await taskRuns.put('deleted', buildOf(slow))));
      await until('it runs', async () => (await arm.run(runId)).properties.status === 'Running');
      assert.equal((await arm.call('DELETE', taskRuns.at('Deleted'))).status, 200);
      const gone = await arm.call('GET', taskRuns.at('deleted'));
      assert.equal(gone.status, 404);
      assert.equal(errorOf(gone).code, 'ResourceNotFound');
      assert.equal((await arm.call('DELETE', taskRuns.at('deleted'))).status, 204);
      const run = await until('its run ends', async () => {
        const found = await arm.run(runId);
        return isEnded(found) && found;
      });
      assert.equal(run.properties.status, 'Canceled');
      const anew = await taskRuns.put('DELETED', buildOf(source));
      assert.equal(taskRuns.body(anew).properties.provisioningState, 'Creating');
      assert.equal((await taskRuns.operation(anew)).status, 'Succeeded');
    });

    test('secrets: in listDetails only, compared by their values, sealed in the database', async () => {
      const secret = 'sesame-0815';
      const request = buildOf(source, {
        ...round(secret, true),
        credentials: {
          customRegistries: {
            'registry.example.com': { userName: { value: 'me' }, password: { value: secret } },
          },
        },
      });
      const begun = await taskRuns.put('secretive', request);
      await taskRuns.operation(begun);
      const shown = [
        begun,
        await arm.call('GET', taskRuns.at('secretive')),
        await arm.call('GET', `${arm.registryPath}/taskRuns`),
      ];
      for (const { body } of shown) assert.ok(!JSON.stringify(body).includes(secret));
      const hidden = taskRuns.body(begun).properties.runRequest;
      assert.deepEqual(hidden.arguments, [{ name: 'ROUND', isSecret: true }]);

      const details = taskRuns.body(await arm.call('POST', `${taskRuns.at('secretive')}/listDetails`));
      assert.deepEqual(details.properties.runRequest.arguments, round(secret, true).arguments);
      assert.deepEqual(details.properties.runRequest.credentials, {
        customRegistries: {
          'registry.example.com': {
            userName: { type: 'Opaque', value: 'me' },
            password: { type: 'Opaque', value: secret },
          },
        },
      });
      assert.equal((await taskRuns.put('secretive', request)).status, 200);
      assert.equal((await taskRuns.patch('secretive', { tags: {} })).status, 200);
      const other = await taskRuns.put('secretive', { ...request, ...round('another', true) });
      assert.equal((await taskRuns.operation(other)).status, 'Succeeded');
      if (postgres) {
        const rows = await query('select t::text as row from task_runs t');
        assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(secret));
      }
    });

    test('of a task: its step with what the request overrides', async () => {
      const step = { type: 'Docker', contextPath: source, dockerFilePath: 'nowhere', isPushEnabled: false };
      const task = { location: 'local', properties: { platform: { os: 'Linux' }, step } };
      const taskId = `${arm.registryPath}/tasks/of-task`;
      assert.equal((await arm.call('PUT', taskId, task)).status, 201);
      const request = {
        type: 'TaskRunRequest',
        taskId,
        overrideTaskStepProperties: { file: 'Dockerfile', ...round('secret', true) },
      };
      const begun = await taskRuns.put('of-task', request);
      assert.equal((await taskRuns.operation(begun)).status, 'Succeeded');
      const { runRequest, runResult } = (await taskRuns.get('of-task')).properties;
      assert.equal(runRequest.taskId, taskId);
      assert.equal(runResult?.properties.runType, 'QuickRun');
      assert.equal((await taskRuns.put('of-task', request)).status, 200);
    });

    test('identities: [system] needs one, its principal stays; users keep theirs', async () => {
      const login = (identity: string) =>
        buildOf(source, { credentials: { sourceRegistry: { identity, loginMode: 'Default' } } });
      const refused = await taskRuns.put('identified', login('[system]'));
      assert.equal(refused.status, 400);
      assert.equal(errorOf(refused).target, 'identity');
      const user = `${arm.registryPath.split('/providers')[0]}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me`;
      const begun = await taskRuns.put('identified', login('[system]'), {
        identity: { type: 'systemassigned, userassigned', userAssignedIdentities: { [user]: {} } },
      });
      const { identity, properties } = taskRuns.body(begun);
      assert.equal(identity?.type, 'SystemAssigned, UserAssigned');
      assert.match(identity.principalId ?? '', uuid);
      assert.match(identity.tenantId ?? '', uuid);
      assert.match(identity.userAssignedIdentities?.[user]?.principalId ?? '', uuid);
      assert.match(identity.userAssignedIdentities?.[user]?.clientId ?? '', uuid);
      assert.deepEqual(properties.runRequest.credentials, {
        sourceRegistry: { identity: '[system]', loginMode: 'Default' },
      });
      assert.equal((await taskRuns.operation(begun)).status, 'Succeeded');
      const patched = await taskRuns.patch('identified', {
        identity: { type: 'SystemAssigned', userAssignedIdentities: { [user]: null } },
      });
      assert.equal(patched.status, 200);
      assert.deepEqual(taskRuns.body(patched).identity, {
        principalId: identity.principalId,
        tenantId: identity.tenantId,
        type: 'SystemAssigned',
      });
      const caller = await taskRuns.put('by-caller', login('[caller]'));
      assert.equal((await taskRuns.operation(caller)).status, 'Succeeded');
    });

    test('what is wrong is named as it stands in the body', async () => {
      const cases: [string, Answer, string][] = [
        ['a name too short', await taskRuns.put('four', buildOf(source)), 'taskRunName'],
        ['no request', await arm.call('PUT', taskRuns.at('wrong'), {}), 'properties'],
        ['no type', await taskRuns.put('wrong', {}), 'properties.runRequest.type'],
        [
          'no upload',
          await taskRuns.put('wrong', buildOf(source.replace(/.{8}\.tar/, '00000000.tar'))),
          'properties.runRequest.sourceLocation',
        ],
        [
          'half of a character',
          await taskRuns.put('wrong', buildOf(source), { tags: { a: '\ud800' } }),
          'tags.a',
        ],
        [
          'a NUL in a key',
          await taskRuns.put('wrong', buildOf(source), {
            identity: { type: 'UserAssigned', userAssignedIdentities: { 'a\0b': {} } },
          }),
          'identity.userAssignedIdentities',
        ],
        ['a page', await arm.call('GET', `${arm.registryPath}/taskRuns?$skiptoken=!`), '$skiptoken'],
      ];
      for (const [what, answer, target] of cases) {
        assert.equal(answer.status, 400, what);
        assert.ok(errorOf(answer).target?.startsWith(target), `${what}: ${JSON.stringify(answer.body)}`);
      }
      assert.equal((await arm.call('GET', taskRuns.at('wrong'))).status, 404);
    });

    test('List in pages of 100, by name', async () => {
      const names = Array.from({ length: 101 }, (_, index) => `page-${1000 + index}`);
      for (const name of names) taskRuns.body(await taskRuns.put(name, waitingBuildOf(source)));
      const listed: WireTaskRun[] = [];
      const sizes: number[] = [];
      for (let next: string | undefined = `${arm.registryPath}/taskRuns`; next !== undefined;) {
        const { status, body } = await arm.call('GET', next);
        assert.equal(status, 200);
        const { value, nextLink } = body as { value: WireTaskRun[]; nextLink?: string };
        listed.push(...value);
        sizes.push(value.length);
        next = nextLink?.slice(server.url.length);
      }
      assert.equal(sizes[0], 100);
      const keys = listed.map(({ name }) => name.toLowerCase());
      assert.equal(new Set(keys).size, keys.length);
      for (const name of names) assert.ok(keys.includes(name), name);
      assert.deepEqual(
        listed.find(({ name }) => name === 'page-1000'),
        await taskRuns.get('page-1000'),
      );
      for (const name of names) await arm.call('DELETE', taskRuns.at(name));
    });

    if (state === 'PostgreSQL')
      test('when its run is purged, it stays without runResult and does not run again', async () => {
        const begun = await taskRuns.put('purged', buildOf(source));
        await taskRuns.operation(begun);
        await query('delete from runs where run_id = $1', [runIdOf(taskRuns.body(begun))]);
        const { properties } = await taskRuns.get('purged');
        assert.ok(!('runResult' in properties));
        assert.equal(properties.provisioningState, 'Succeeded');
        assert.equal((await taskRuns.put('purged', buildOf(source))).status, 200);
        assert.equal((await arm.call('DELETE', taskRuns.at('purged'))).status, 200);
      });

    test('the server killed once it has answered: the operation ends', async () => {
      const begun = await taskRuns.put('killed', buildOf(source));
      await server.end('SIGKILL');
      await server.start();
      assert.equal((await taskRuns.operation(begun)).status, 'Succeeded');
      assert.equal((await taskRuns.put('killed', buildOf(source))).status, 200);
    });

    test('the server killed while it answers: sent again, it has run once', async () => {
      const newest = async (): Promise<number> => {
        const { body } = await arm.call('GET', `${arm.registryPath}/runs?$top=1`);
        return Number((body as { value: { name: string }[] }).value[0]?.name.slice(2));
      };
      for (let kill = 1; kill <= 2; kill += 1) {
        const before = await newest();
        const request = buildOf(source, { imageNames: [`killed-${kill}:latest`] });
        const unanswered = taskRuns.put('killed-in-put', request).catch(() => undefined);
        await Promise.all([unanswered, server.end('SIGKILL')]);
        await server.start();
        taskRuns.body(await taskRuns.put('killed-in-put', request));
        const taskRun = await until('it ends', async () => {
          const found = await taskRuns.get('killed-in-put');
          return found.properties.provisioningState === 'Succeeded' && found;
        });
        assert.equal(runIdOf(taskRun), `ca${before + 1}`);
        assert.equal(await newest(), before + 1);
      }
    });
  });
