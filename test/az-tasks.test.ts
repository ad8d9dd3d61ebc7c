import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ArmClient } from './support/arm.ts';
import { loginAz, type Az } from './support/az.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { TestServer, type CommandResult } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';

interface ShownTask {
  readonly name: string;
  readonly status: string;
  readonly timeout: number;
  readonly step: Record<string, unknown>;
  readonly trigger: {
    readonly timerTriggers: readonly { name: string; schedule: string; status: string }[] | null;
    readonly sourceTriggers: readonly { name: string; sourceTriggerEvents: string[] }[] | null;
    readonly baseImageTrigger: { readonly baseImageTriggerType: string; readonly status: string } | null;
  };
}

interface ShownIdentity {
  readonly type?: string;
  readonly principalId?: string | null;
  readonly userAssignedIdentities?: Record<string, { clientId: string; principalId: string }> | null;
}

const token = 'az-git-token-4711';
const task = ['-r', 'slipway', '-n', 'az-task'];
const userIdentity =
  '/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one';

/** The commands of `az acr task` on one task, in their order: what az prints is what a user would see. */
describe('az acr task', () => {
  let server: TestServer;
  let git: GitServer;
  let az: Az;
  let arm: ArmClient;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    git = await serveGit({ token });
    await git.commit('main', {
      Dockerfile: 'FROM scratch\nARG PAGE=page.html\nCOPY ${PAGE} /\n',
      'page.html': 'hello',
      'other.html': 'other',
    });
    az = await loginAz(server, server.directory);
    arm = await ArmClient.connect(server);
  });
  after(() =>
    stopAll(
      () => az.logout(),
      () => git.stop(),
      () => server.stop(),
    ),
  );

  const must = async (...args: string[]): Promise<CommandResult> => {
    const result = await az.az(...args);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result;
  };
  const show = async (...more: string[]): Promise<ShownTask> =>
    (await az.azJson('acr', 'task', 'show', ...task, ...more)) as ShownTask;

  test('create, with a schedule, a commit trigger and a base image trigger', async () => {
    const made = (await az.azJson(
      ...['acr', 'task', 'create', ...task, '-t', 'az/app:{{.Run.ID}}', '-c', `${git.url}#main`],
      ...['-f', 'Dockerfile', '--git-access-token', token, '--schedule', '0 4 * * *'],
      ...['--commit-trigger-enabled', 'true', '--base-image-trigger-enabled', 'true'],
      ...['--arg', 'PAGE=page.html', '--secret-arg', 'HIDDEN=az-secret-4711'],
    )) as ShownTask;
    assert.equal(made.name, 'az-task');
    assert.equal(made.status, 'Enabled');
    assert.deepEqual(made.trigger.timerTriggers, [{ name: 't1', schedule: '0 4 * * *', status: 'Enabled' }]);
    assert.deepEqual(made.trigger.sourceTriggers?.[0]?.sourceTriggerEvents, ['commit']);
    assert.equal(made.trigger.baseImageTrigger?.baseImageTriggerType, 'Runtime');
  });

  test('show and list have no secrets; show --with-secure-properties has', async () => {
    const shown = await show();
    const listed = (await az.azJson('acr', 'task', 'list', '-r', 'slipway')) as ShownTask[];
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['az-task'],
    );
    const printed = JSON.stringify([shown, listed]);
    assert.ok(!printed.includes(token) && !printed.includes('az-secret-4711'), printed);
    const detailed = await show('--with-secure-properties');
    assert.equal(detailed.step.contextAccessToken, token);
    assert.deepEqual(
      (detailed.step.arguments as { name: string; value: string }[])[1]?.value,
      'az-secret-4711',
    );
  });

  test('update', async () => {
    await must('acr', 'task', 'update', ...task, '--timeout', '1800', '--status', 'Disabled', '--no-cache');
    const disabled = await show();
    assert.deepEqual([disabled.timeout, disabled.status, disabled.step.noCache], [1800, 'Disabled', true]);
    const refused = await az.az('acr', 'task', 'run', ...task);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /TaskDisabled.*az-task is disabled.*az acr task update .*--status Enabled/s);
    await must('acr', 'task', 'update', ...task, '--status', 'Enabled');
    const enabled = await show('--with-secure-properties');
    assert.equal(enabled.status, 'Enabled');
    assert.equal(enabled.step.contextAccessToken, token);
    assert.equal(enabled.trigger.timerTriggers?.length, 1);
  });

  test('timer add, update, list, remove', async () => {
    const timers = async (): Promise<Record<string, string>> => {
      const listed = (await az.azJson('acr', 'task', 'timer', 'list', ...task)) as {
        name: string;
        schedule: string;
        status: string;
      }[];
      return Object.fromEntries(listed.map(({ name, schedule, status }) => [name, `${schedule} ${status}`]));
    };
    const timer = (verb: string, ...more: string[]): Promise<CommandResult> =>
      must('acr', 'task', 'timer', verb, ...task, '--timer-name', 'noon', ...more);
    await timer('add', '--schedule', '0 12 * * *');
    assert.deepEqual(await timers(), { t1: '0 4 * * * Enabled', noon: '0 12 * * * Enabled' });
    await timer('update', '--enabled', 'false');
    assert.deepEqual(await timers(), { t1: '0 4 * * * Enabled', noon: '0 12 * * * Disabled' });
    await timer('remove');
    assert.deepEqual(await timers(), { t1: '0 4 * * * Enabled' });
    assert.equal((await show('--with-secure-properties')).step.contextAccessToken, token);
  });

  test('credential add, list, remove', async () => {
    const credential = (verb: string, ...more: string[]): Promise<unknown> =>
      az.azJson('acr', 'task', 'credential', verb, ...task, ...more);
    const login = ['--login-server', 'r.example.com'];
    await credential('add', ...login, '-u', 'me', '-p', 'password-4711');
    const listed = (await credential('list')) as Record<string, { userName: { value: string } }>;
    assert.equal(listed['r.example.com']?.userName.value, 'me');
    assert.ok(!JSON.stringify(await show()).includes('password-4711'));
    await credential('remove', ...login);
    assert.deepEqual((await credential('list')) ?? {}, {});
  });

  test('identity assign, show, remove', async () => {
    const identity = async (verb: string, ...more: string[]): Promise<ShownIdentity> => {
      const shown = (await az.azJson('acr', 'task', 'identity', verb, ...task, ...more)) as
        ShownIdentity | undefined;
      return shown ?? {};
    };
    await identity('assign');
    const system = await identity('show');
    assert.equal(system.type, 'SystemAssigned');
    assert.match(system.principalId ?? '', /^[0-9a-f-]{36}$/);
    await identity('assign', '--identities', '[system]', userIdentity);
    const both = await identity('show');
    assert.deepEqual([both.type, both.principalId], ['SystemAssigned, UserAssigned', system.principalId]);
    assert.match(both.userAssignedIdentities?.[userIdentity]?.clientId ?? '', /^[0-9a-f-]{36}$/);

    // `identity remove` of az 2.45 fails by itself before it asks anybody; this is what other releases send.
    const remove = async (sent: object): Promise<ShownIdentity> => {
      const answer = await arm.call('PATCH', `${arm.registryPath}/tasks/az-task`, { identity: sent });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return identity('show');
    };
    const userAssignedIdentities = { [userIdentity]: {} };
    const user = await remove({ type: 'UserAssigned', userAssignedIdentities });
    assert.deepEqual([user.type, user.principalId], ['UserAssigned', null]);
    assert.deepEqual(user.userAssignedIdentities, both.userAssignedIdentities);
    const nobody = { type: 'UserAssigned', userAssignedIdentities: { [userIdentity]: null } };
    assert.deepEqual(await remove(nobody), {});
    await identity('assign');
    assert.deepEqual(await remove({ type: 'None' }), {});
  });

  test('run with overrides: streams the log; list-runs and update-run', async () => {
    const ran = await must('acr', 'task', 'run', ...task, '--arg', 'PAGE=other.html');
    const [, runId = ''] = /Queued a run with ID: (\w+)/.exec(ran.stderr) ?? assert.fail(ran.stderr);
    assert.match(ran.stdout, new RegExp(`Successfully pushed image: localhost:\\d+/az/app:${runId}`));
    assert.match(ran.stdout, new RegExp(`Run ID: ${runId} was successful after`));
    assert.ok(!ran.stdout.includes(token));
    const runs = (await az.azJson('acr', 'task', 'list-runs', ...task)) as { runId: string; task: string }[];
    assert.deepEqual(
      runs.map((run) => [run.runId, run.task]),
      [[runId, 'az-task']],
    );
    const one = ['-r', 'slipway', '--run-id', runId];
    await must('acr', 'task', 'update-run', ...one, '--no-archive', 'false');
    const kept = (await az.azJson('acr', 'task', 'show-run', ...one)) as { isArchiveEnabled: boolean };
    assert.equal(kept.isArchiveEnabled, true);
  });

  test('run --no-logs', async () => {
    const run = (await az.azJson('acr', 'task', 'run', ...task, '--no-logs')) as {
      status: string;
      task: string;
    };
    assert.deepEqual([run.status, run.task], ['Succeeded', 'az-task']);
  });

  test('delete; its runs stay', async () => {
    await must('acr', 'task', 'delete', ...task, '-y');
    const gone = await az.az('acr', 'task', 'show', ...task);
    assert.equal(gone.code, 3);
    assert.match(gone.stderr, /ResourceNotFound/);
    const runs = (await az.azJson('acr', 'task', 'list-runs', ...task)) as unknown[];
    assert.equal(runs.length, 2);
  });
});
