import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ArmClient, isEnded, type Answer, type WireRun } from './support/arm.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

interface WireTask {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly tags?: Record<string, string>;
  readonly systemData: { readonly createdAt: string; readonly lastModifiedAt: string };
  readonly identity?: {
    readonly type: string;
    readonly principalId?: string;
    readonly tenantId?: string;
    readonly userAssignedIdentities?: Record<string, { principalId: string; clientId: string }>;
  };
  readonly properties: Record<string, unknown> & {
    readonly creationDate: string;
    readonly step: Record<string, unknown>;
    readonly trigger: { readonly timerTriggers: { readonly name: string; readonly status: string }[] };
    readonly credentials?: { readonly customRegistries?: Record<string, unknown> };
  };
}

const platform = { os: 'linux', architecture: 'amd64' };
const secrets = {
  token: 'secret-context-token',
  argument: 'secret-argument',
  password: 'secret-password',
  source: 'secret-source-token',
};
const step = {
  type: 'Docker',
  contextPath: 'https://git.example.com/app.git',
  contextAccessToken: secrets.token,
  imageNames: ['app:{{.Run.ID}}'],
  dockerFilePath: 'Dockerfile',
  arguments: [
    { name: 'PLAIN', value: 'shown' },
    { name: 'HIDDEN', value: secrets.argument, isSecret: true },
  ],
};
const properties = {
  platform,
  step,
  credentials: {
    customRegistries: {
      'r.example.com': { userName: { value: 'me' }, password: { value: secrets.password } },
    },
  },
  trigger: {
    timerTriggers: [{ name: 't1', schedule: '0 4 * * *' }],
    sourceTriggers: [
      {
        name: 's1',
        sourceTriggerEvents: ['commit'],
        sourceRepository: {
          sourceControlType: 'Github',
          repositoryUrl: 'https://git.example.com/app.git',
          sourceControlAuthProperties: { tokenType: 'PAT', token: secrets.source },
        },
      },
    ],
  },
};

describe('tasks', () => {
  let server: TestServer;
  let arm: ArmClient;
  let git: GitServer;
  const gitToken = 'git-token-4711';

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    arm = await ArmClient.connect(server);
    git = await serveGit({ token: gitToken });
  });
  after(() =>
    stopAll(
      () => git.stop(),
      () => server.stop(),
    ),
  );

  const pathOf = (name: string): string => `${arm.registryPath}/tasks/${name}`;
  const put = (name: string, body: object = {}): Promise<Answer> =>
    arm.call('PUT', pathOf(name), { location: 'local', properties, ...body });
  const patch = (name: string, body: object): Promise<Answer> => arm.call('PATCH', pathOf(name), body);
  const get = (name: string): Promise<Answer> => arm.call('GET', pathOf(name));
  const run = (taskId: string, more: object = {}): Promise<Answer> =>
    arm.call('POST', `${arm.registryPath}/scheduleRun`, { type: 'TaskRunRequest', taskId, ...more });
  /** The task of an answer with that status. */
  const taskIn = ({ status, body }: Answer, expected = 200): WireTask => {
    assert.equal(status, expected, JSON.stringify(body));
    return body as WireTask;
  };
  const errorIn = ({ status, body }: Answer) => ({
    status,
    ...(body as { error: { code: string; message: string; target?: string } }).error,
  });
  const timersOf = (task: WireTask): string[] =>
    task.properties.trigger.timerTriggers.map(({ name, status }) => `${name} ${status}`);

  test('create answers 201, replace 200: name, creation date and createdAt stay, the rest is new', async () => {
    const made = taskIn(await put('Create-Me', { tags: { a: '1' } }), 201);
    assert.equal(made.id, pathOf('Create-Me'));
    assert.equal(made.type, 'Microsoft.ContainerRegistry/registries/tasks');
    assert.deepEqual([made.name, made.location, made.tags], ['Create-Me', 'local', { a: '1' }]);
    assert.match(made.properties.creationDate, /^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/);
    assert.equal(made.identity, undefined);
    const {
      creationDate,
      step: madeStep,
      trigger: _trigger,
      credentials: _credentials,
      ...rest
    } = made.properties;
    assert.deepEqual(rest, {
      provisioningState: 'Succeeded',
      status: 'Enabled',
      platform,
      agentConfiguration: { cpu: 2 },
      timeout: 3600,
      isSystemTask: false,
    });
    assert.deepEqual([madeStep.isPushEnabled, madeStep.noCache], [true, false]);

    const other = { platform, step, timeout: 600, credentials: {} };
    const replaced = taskIn(await put('CREATE-ME', { properties: other }));
    assert.ok(!('credentials' in replaced.properties));
    assert.equal(replaced.name, 'Create-Me');
    assert.equal(replaced.properties.creationDate, creationDate);
    assert.equal(replaced.systemData.createdAt, made.systemData.createdAt);
    assert.notEqual(replaced.systemData.lastModifiedAt, made.systemData.lastModifiedAt);
    assert.equal(replaced.properties.timeout, 600);
    assert.deepEqual([replaced.tags, replaced.properties.trigger], [undefined, undefined]);
    assert.deepEqual(taskIn(await get('create-me')), replaced);
  });

  test('secrets are in listDetails and nowhere else', async () => {
    const answers = [await put('keeps-secrets'), await get('keeps-secrets')];
    answers.push(await patch('keeps-secrets', { tags: { a: 'b' } }));
    answers.push(await arm.call('GET', `${arm.registryPath}/tasks`));
    for (const { status, body } of answers) {
      assert.ok(status < 300);
      for (const secret of Object.values(secrets)) assert.ok(!JSON.stringify(body).includes(secret), secret);
    }
    const shown = taskIn(answers[1] ?? assert.fail());
    assert.deepEqual(shown.properties.step.arguments, [
      { name: 'PLAIN', value: 'shown', isSecret: false },
      { name: 'HIDDEN', isSecret: true },
    ]);
    const details = taskIn(await arm.call('POST', `${pathOf('keeps-secrets')}/listDetails`));
    for (const secret of Object.values(secrets)) assert.ok(JSON.stringify(details).includes(secret), secret);
  });

  test('PATCH merges: triggers by name, null deletes, other members stay', async () => {
    await put('patch-me', { tags: { a: '1', b: '2' } });
    const more = { timerTriggers: [{ name: 't2', schedule: '0 5 * * *' }] };
    let task = taskIn(await patch('patch-me', { properties: { trigger: more } }));
    assert.deepEqual(timersOf(task), ['t1 Enabled', 't2 Enabled']);
    const changed = { timerTriggers: [{ name: 't1', status: 'Disabled' }] };
    task = taskIn(await patch('patch-me', { properties: { trigger: changed } }));
    assert.deepEqual(timersOf(task), ['t1 Disabled', 't2 Enabled']);

    const host = { userName: { value: 'you' }, password: { value: 'other' } };
    const added = { customRegistries: { 'other.example.com': host } };
    task = taskIn(await patch('patch-me', { properties: { credentials: added } }));
    const hostsOf = (): string[] => Object.keys(task.properties.credentials?.customRegistries ?? {});
    assert.deepEqual(hostsOf(), ['r.example.com', 'other.example.com']);
    const removed = { customRegistries: { 'R.example.com': null } };
    task = taskIn(await patch('patch-me', { properties: { credentials: removed } }));
    assert.deepEqual(hostsOf(), ['other.example.com']);

    task = taskIn(await patch('patch-me', { tags: { c: '3' }, properties: { timeout: 900 } }));
    assert.deepEqual([task.tags, task.properties.timeout], [{ c: '3' }, 900]);
    task = taskIn(await patch('patch-me', { tags: null }));
    assert.equal(task.tags, undefined);
    const details = taskIn(await arm.call('POST', `${pathOf('patch-me')}/listDetails`));
    assert.equal(details.properties.step.contextAccessToken, secrets.token);
  });

  test('PATCH with a step of another type replaces the step', async () => {
    await put('change-step');
    const file = {
      type: 'FileTask',
      taskFilePath: 'acb.yaml',
      contextPath: 'https://git.example.com/app.git',
    };
    assert.deepEqual(taskIn(await patch('change-step', { properties: { step: file } })).properties.step, {
      ...file,
      values: [],
    });
    const encoded = { type: 'EncodedTask', encodedTaskContent: 'YQ==' };
    assert.deepEqual(taskIn(await patch('change-step', { properties: { step: encoded } })).properties.step, {
      ...encoded,
      values: [],
    });
    const half = errorIn(await patch('change-step', { properties: { step: { type: 'Docker' } } }));
    assert.deepEqual([half.status, half.target], [400, 'properties.step.dockerFilePath']);
    const same = { type: 'EncodedTask', values: [{ name: 'a', value: 'b', isSecret: true }] };
    assert.deepEqual(taskIn(await patch('change-step', { properties: { step: same } })).properties.step, {
      ...encoded,
      values: [{ name: 'a', isSecret: true }],
    });
  });

  test('concurrent patches lose nothing, and concurrent creations make one task', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => put('concurrent')));
    assert.deepEqual(made.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
    const names = Array.from({ length: 20 }, (_, index) => `timer${index}`);
    await Promise.all(
      names.map((name) =>
        patch('concurrent', {
          properties: { trigger: { timerTriggers: [{ name, schedule: '1 2 * * *' }] } },
        }),
      ),
    );
    const found = taskIn(await get('concurrent')).properties.trigger.timerTriggers.map(({ name }) => name);
    assert.deepEqual(found.sort(), ['t1', ...names].sort());
  });

  test('identity: a stable principal, references with ids of their own, none', async () => {
    const assign = async (identity: object) => taskIn(await patch('who-am-i', { identity })).identity;
    const reference = (name: string): string =>
      `/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
    const referring = (name: string, to: object | null = {}) => ({
      userAssignedIdentities: { [reference(name)]: to },
    });
    const created = taskIn(await put('who-am-i', { identity: { type: 'SystemAssigned' } }), 201).identity;
    assert.match(created?.principalId ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(created?.tenantId, (await server.clientEnv()).SLIPWAY_TENANT);
    const replaced = taskIn(await put('who-am-i', { identity: { type: 'SystemAssigned' } }));
    assert.deepEqual(replaced.identity, created);

    const both = await assign({ type: 'SystemAssigned, UserAssigned', ...referring('one') });
    assert.equal(both?.principalId, created?.principalId);
    const ids = both?.userAssignedIdentities?.[reference('one')];
    assert.match(`${ids?.principalId} ${ids?.clientId}`, /^[0-9a-f-]{36} [0-9a-f-]{36}$/);

    const userOnly = await assign({ type: 'UserAssigned', ...referring('two') });
    assert.deepEqual(Object.keys(userOnly ?? {}), ['type', 'userAssignedIdentities']);
    assert.deepEqual(Object.keys(userOnly?.userAssignedIdentities ?? {}), [
      reference('one'),
      reference('two'),
    ]);
    assert.deepEqual(await assign({ type: 'UserAssigned', ...referring('two', null) }), {
      type: 'UserAssigned',
      ...referring('one', ids),
    });
    assert.notEqual((await assign({ type: 'SystemAssigned' }))?.principalId, created?.principalId);
    assert.equal(await assign({ type: 'None' }), undefined);
  });

  test('the list comes in pages, by name', async () => {
    const small = { platform, step: { type: 'EncodedTask', encodedTaskContent: 'YQ==' } };
    const names = Array.from({ length: 205 }, (_, index) => `page-${String(index).padStart(3, '0')}`);
    for (const name of names.toReversed()) taskIn(await put(name, { properties: small }), 201);
    const found: string[] = [];
    const sizes: number[] = [];
    for (let path: string | undefined = `${arm.registryPath}/tasks`; path !== undefined;) {
      const { status, body } = await arm.call('GET', path);
      assert.equal(status, 200);
      const page = body as { value: WireTask[]; nextLink?: string };
      sizes.push(page.value.length);
      found.push(...page.value.map(({ name }) => name));
      path = page.nextLink?.slice(server.url.length);
    }
    assert.deepEqual(sizes.slice(0, 2), [100, 100]);
    assert.deepEqual(
      found.filter((name) => name.startsWith('page-')),
      names,
    );
    assert.deepEqual(
      found,
      [...found].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    );
    const bad = errorIn(await arm.call('GET', `${arm.registryPath}/tasks?$skiptoken=AAAA`));
    assert.deepEqual([bad.status, bad.code], [400, 'InvalidSkipToken']);
  });

  test('what is not there or not sound', async () => {
    for (const answer of [await get('nowhere'), await patch('nowhere', {}), await run(pathOf('nowhere'))]) {
      const { status, code, message } = errorIn(answer);
      assert.deepEqual([status, code], [404, 'ResourceNotFound']);
      assert.match(message, /tasks\/nowhere/);
    }
    assert.equal(errorIn(await run(pathOf('nowhere'))).target, 'taskId');
    assert.equal((await arm.call('DELETE', pathOf('nowhere'))).status, 204);
    const name = errorIn(await put('x.y'));
    assert.deepEqual([name.status, name.target], [400, 'taskName']);
    const empty = errorIn(await arm.call('PUT', pathOf('unsound'), { properties: { platform } }));
    assert.deepEqual([empty.status, empty.target], [400, 'location']);
    await put('unsound');
    const moved = errorIn(await put('unsound', { location: 'elsewhere' }));
    assert.deepEqual([moved.status, moved.code, moved.target], [409, 'InvalidResourceLocation', 'location']);
  });

  test('a task that cannot be run', async () => {
    await put('disabled-one', { properties: { ...properties, status: 'disabled' } });
    const disabled = errorIn(await run(pathOf('disabled-one').toUpperCase()));
    assert.deepEqual([disabled.status, disabled.code, disabled.target], [409, 'TaskDisabled', 'taskId']);
    assert.match(disabled.message, /disabled-one is disabled.*az acr task update -r slipway -n disabled-one/);
    await put('system-one', { properties: { isSystemTask: true } });
    const system = errorIn(await run(pathOf('system-one')));
    assert.deepEqual([system.status, system.code, system.target], [400, 'NotSupported', 'taskId']);
    const elsewhere = errorIn(await run(pathOf('disabled-one').replace('/registries/', '/registries/x')));
    assert.deepEqual([elsewhere.status, elsewhere.target], [400, 'taskId']);
    await put('unknown-words', {
      properties: { platform, step: { ...step, imageNames: ['app:{{.Run.Nothing}}'] } },
    });
    const words = errorIn(await run(pathOf('unknown-words')));
    assert.deepEqual([words.status, words.code, words.target], [400, 'InvalidTemplate', 'imageNames[0]']);
  });

  const ended = async (answer: Answer): Promise<WireRun['properties'] & Record<string, unknown>> => {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { runId } = (answer.body as WireRun).properties;
    const found = await until(`run ${runId} ends`, async () => {
      const now = await arm.run(runId);
      return isEnded(now) && now;
    });
    return found.properties; // an object of the wire
  };

  test('a run of a task: private source, overrides, expressions, dependencies; deleting the task keeps it', async () => {
    await git.commit('feature', {
      'sub/Dockerfile': 'FROM scratch AS wanted\nARG PAGE\nCOPY ${PAGE} /\nFROM scratch\nCOPY nowhere /\n',
      'sub/page.html': 'hello',
    });
    const own = {
      type: 'Docker',
      contextPath: `${git.url}#main`,
      contextAccessToken: gitToken,
      imageNames: ['tasks/app:{{.Run.ID}}-{{.Run.Commit}}', 'tasks/app:{{.Run.Branch}}'],
      dockerFilePath: 'missing.Dockerfile',
      arguments: [{ name: 'PAGE', value: 'missing.html' }],
    };
    taskIn(await put('Run-Me', { properties: { platform, step: own, timeout: 1200 } }), 201);
    const overrideTaskStepProperties = {
      contextPath: `${git.url}#feature:sub`,
      file: 'Dockerfile',
      target: 'wanted',
      arguments: [{ name: 'PAGE', value: 'page.html' }],
      values: [{ name: 'unused', value: 'x' }],
      updateTriggerToken: 'c2VjcmV0',
    };
    const made = await ended(
      await run(pathOf('run-me'), { overrideTaskStepProperties, isArchiveEnabled: true }),
    );
    const log = await arm.log(made.runId);
    assert.equal(made.status, 'Succeeded', log);
    assert.deepEqual([made.task, made.runType, made.isArchiveEnabled], ['Run-Me', 'QuickRun', true]);
    const tags = (made.outputImages as { tag: string; repository: string }[]).map(
      ({ repository, tag }) => `${repository}:${tag}`,
    );
    assert.match(tags.join(' '), new RegExp(`^tasks/app:${made.runId}-[0-9a-f]{40} tasks/app:feature$`));
    assert.ok(!log.includes(gitToken));
    assert.ok(!JSON.stringify(made).includes('c2VjcmV0'));

    const { SLIPWAY_LOGIN_SERVER: host = '' } = await server.clientEnv();
    await git.commit('based', {
      Dockerfile: `FROM ${host}/tasks/app:feature\nCOPY page.html /other\n`,
      'page.html': 'x',
    });
    const based = { ...own, contextPath: `${git.url}#based`, dockerFilePath: 'Dockerfile', arguments: [] };
    await put('based-on', { properties: { platform, step: { ...based, imageNames: ['tasks/based:v1'] } } });
    const second = await ended(await run(pathOf('based-on')));
    assert.equal(second.status, 'Succeeded', await arm.log(second.runId));
    const [image] = made.outputImages as { digest: string }[];
    assert.deepEqual(taskIn(await get('based-on')).properties.step.baseImageDependencies, [
      { type: 'RunTime', registry: host, repository: 'tasks/app', tag: 'feature', digest: image?.digest },
    ]);

    const listed = async (): Promise<string[]> => {
      const filter = new URLSearchParams({ $filter: "TaskName eq 'RUN-ME'" });
      const { body } = await arm.call('GET', `${arm.registryPath}/runs?${filter}`);
      return (body as { value: WireRun[] }).value.map(({ properties: { runId } }) => runId);
    };
    assert.deepEqual(await listed(), [made.runId]);
    assert.equal((await arm.call('DELETE', pathOf('run-me'))).status, 200);
    assert.equal((await get('run-me')).status, 404);
    assert.deepEqual(await listed(), [made.runId]);
    assert.equal(((await arm.run(made.runId)).properties as { task?: string }).task, 'Run-Me');
  });

  test('the token of a task goes to no other host, and a wrong one fails the run', async () => {
    const other = await serveGit({ token: gitToken });
    try {
      const own = { ...step, contextPath: git.url, contextAccessToken: gitToken, imageNames: ['a:v1'] };
      await put('token-host', { properties: { platform, step: own } });
      const elsewhere = { overrideTaskStepProperties: { contextPath: other.url } };
      const denied = await ended(await run(pathOf('token-host'), elsewhere));
      assert.equal(denied.status, 'Failed');
      await patch('token-host', {
        properties: { step: { type: 'Docker', contextAccessToken: 'wrong-4711' } },
      });
      const wrong = await ended(await run(pathOf('token-host')));
      assert.equal(wrong.status, 'Failed');
      assert.ok(!(await arm.log(wrong.runId)).includes('wrong-4711'));
    } finally {
      await other.stop();
    }
  });

  test('a deleted registry takes its tasks along', async () => {
    const other = arm.registryPath.replace(/[^/]+$/, 'shortlived1');
    const body = { location: 'local', sku: { name: 'Standard' }, properties: {} };
    const make = () => arm.call('PUT', `${other}?api-version=2023-07-01`, body);
    assert.equal((await make()).status, 201);
    taskIn(await arm.call('PUT', `${other}/tasks/mytask`, { location: 'local', properties }), 201);
    assert.equal((await arm.call('DELETE', `${other}?api-version=2023-07-01`)).status, 200);
    assert.equal((await make()).status, 201);
    assert.deepEqual((await arm.call('GET', `${other}/tasks`)).body, { value: [] });
  });
});
