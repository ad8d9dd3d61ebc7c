import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { StepState } from '../src/model/index.ts';
import type { RunAssignment } from '../src/protocol/index.ts';
import { archiveOf } from './support/archive.ts';
import { ArmClient, type Answer, type WireRun } from './support/arm.ts';
import { joinPlainAgent, type PlainAgent } from './support/plain-agent.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { taskRunsOf } from './support/task-run.ts';

interface WireStep {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: StepState;
}

const platform = { os: 'linux', architecture: 'amd64' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const taskText = 'version: v1.1.0\nsteps:\n  - cmd: bash echo {{.Values.greeting}} ü\n';
const hidden = 'hidden-value-4711';
const values = [
  { name: 'greeting', value: 'hello', isSecret: false },
  { name: 'password', value: hidden, isSecret: true },
];
const encoded = { type: 'EncodedTaskRunRequest', platform, encodedTaskContent: base64(taskText) };
const file = { type: 'FileTaskRunRequest', platform, taskFilePath: 'acb.yaml' };
const remote = 'https://git.example.com/team/app.git#main';
const no64 = '4711!';
const noUtf8 = Buffer.from([0xff, 0xfe, 0x41]).toString('base64');

/** What the server makes of task files, seen by clients and by an agent; no engine is needed for that. */
for (const state of ['PGlite', 'PostgreSQL'] as const) {
  describe(`task YAML, on ${state}`, () => {
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    let server: TestServer;
    let arm: ArmClient;
    let agent: PlainAgent;

    before(async () => {
      if (state === 'PostgreSQL') postgres = await startPostgres();
      server = await TestServer.start(postgres ? { databaseUrl: postgres.url } : {});
      arm = await ArmClient.connect(server);
      agent = await joinPlainAgent(server);
    });
    after(() =>
      stopAll(
        () => server.stop(),
        () => postgres?.stop(),
      ),
    );

    const post = (request: object): Promise<Answer> =>
      arm.call('POST', `${arm.registryPath}/scheduleRun`, request);
    const queued = async (
      request: object,
    ): Promise<WireRun['properties'] & { runType?: string; task?: string }> => {
      const answer = await post(request);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return (answer.body as WireRun).properties;
    };
    const errorOf = ({ status, body }: Answer) => {
      const { error } = body as { error: { code: string; message: string; target?: string } };
      return { status, ...error };
    };
    const stepsOf = async (runId: string): Promise<WireStep[]> => {
      const answer = await arm.call('GET', `${arm.registryPath}/runs/${runId}/steps`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return (answer.body as { value: WireStep[] }).value;
    };
    const taskPath = (name: string): string => `${arm.registryPath}/tasks/${name}`;
    const putTask = (name: string, step: object): Promise<Answer> =>
      arm.call('PUT', taskPath(name), { location: 'local', properties: { platform, step } });
    /** Queues a run and gives it to the agent, to be ended at once. */
    const assigned = async (request: object): Promise<RunAssignment> => {
      const { runId } = await queued(request);
      const run = await agent.claim();
      assert.equal(run.runId, runId);
      assert.equal((await agent.complete(run, 'Succeeded')).status, 204);
      return run;
    };

    describe('what the agent is given', () => {
      test('of a task file in an upload', async () => {
        const sourceLocation = await arm.upload(await archiveOf([{ name: 'acb.yaml', body: taskText }]));
        const { runId, runType, task } = await queued({
          ...file,
          ...{ sourceLocation, valuesFilePath: 'values.yaml', values },
        });
        assert.deepEqual([runType, task], ['QuickRun', undefined]);
        const run = await agent.claim();
        assert.deepEqual(run.work, {
          kind: 'taskFile',
          taskFile: { kind: 'path', path: 'acb.yaml' },
          valuesFile: { kind: 'path', path: 'values.yaml' },
          values,
          cacheName: 'quickrun',
        });
        assert.equal(run.source?.kind, 'upload');
        const { Date: date, Registry, ...variables } = run.variables;
        assert.match(date, /^20\d{6}-\d{6}z$/);
        assert.equal(Registry, run.loginServer);
        assert.deepEqual(variables, {
          ID: runId,
          TaskName: 'quicktask',
          RegistryName: 'slipway',
          OS: 'linux',
          Architecture: 'amd64',
          TriggeredBy: '',
        });
        assert.equal((await agent.complete(run, 'Succeeded')).status, 204);
      });

      test('of a task file that is sent along, without a source and with one', async () => {
        const alone = await assigned({ ...encoded, values });
        assert.deepEqual(alone.work, {
          kind: 'taskFile',
          taskFile: { kind: 'text', text: taskText },
          values,
          cacheName: 'quickrun',
        });
        assert.equal(alone.source, undefined);
        const text = base64('greeting: hi');
        const withSource = await assigned({ ...encoded, encodedValuesContent: text, sourceLocation: remote });
        assert.deepEqual(withSource.source, { kind: 'remote', location: remote });
        assert.ok(withSource.work.kind === 'taskFile');
        assert.deepEqual(withSource.work.valuesFile, { kind: 'text', text: 'greeting: hi' });
      });

      test('of tasks, with overrides', async () => {
        const contextAccessToken = 'context-token-4711';
        const step = {
          type: 'FileTask',
          taskFilePath: 'acb.yaml',
          contextPath: remote,
          contextAccessToken,
          values,
        };
        assert.equal((await putTask('File-Task', step)).status, 201);
        const other = 'https://git.example.com/team/other.git';
        const { runType, task } = await queued({
          type: 'TaskRunRequest',
          taskId: taskPath('file-task'),
          overrideTaskStepProperties: {
            ...{ contextPath: other, file: 'other.yaml', arguments: [] },
            values: [
              { name: 'password', value: 'open' },
              { name: 'new', value: 'x', isSecret: true },
            ],
          },
        });
        assert.deepEqual([runType, task], ['QuickRun', 'File-Task']);
        const run = await agent.claim();
        assert.deepEqual(run.work, {
          kind: 'taskFile',
          taskFile: { kind: 'path', path: 'other.yaml' },
          values: [
            values[0],
            { name: 'password', value: 'open', isSecret: false },
            { name: 'new', value: 'x', isSecret: true },
          ],
          cacheName: 'File-Task',
        });
        assert.deepEqual(run.source, { kind: 'remote', location: other, credential: contextAccessToken });
        assert.equal(run.variables.TaskName, 'File-Task');
        await agent.complete(run, 'Succeeded');

        const sent = { type: 'EncodedTask', encodedTaskContent: base64(taskText) };
        assert.equal((await putTask('encoded-task', sent)).status, 201);
        const alone = await assigned({ type: 'TaskRunRequest', taskId: taskPath('encoded-task') });
        assert.ok(alone.work.kind === 'taskFile');
        assert.deepEqual(alone.work.taskFile, { kind: 'text', text: taskText });
        assert.deepEqual([alone.source, alone.work.cacheName], [undefined, 'encoded-task']);
      });

      test('of a task run, and of one that a template makes', async () => {
        const taskRuns = taskRunsOf(arm);
        const begun = await taskRuns.put('yaml-run', { ...encoded, values });
        const run = await agent.claim();
        assert.equal(run.work.kind, 'taskFile');
        await agent.complete(run, 'Succeeded');
        assert.equal((await taskRuns.operation(begun)).status, 'Succeeded');
        const { properties } = await taskRuns.get('yaml-run');
        assert.equal(properties.runResult?.properties.runType, 'QuickRun');
        assert.ok(!JSON.stringify(properties).includes(hidden));

        const group = arm.registryPath.slice(0, arm.registryPath.indexOf('/providers/'));
        const deployment = `${group}/providers/Microsoft.Resources/deployments/yaml?api-version=2021-04-01`;
        const resources = [
          {
            type: 'Microsoft.ContainerRegistry/registries/taskRuns',
            apiVersion: '2019-06-01-preview',
            name: 'slipway/from-template',
            properties: { runRequest: { ...encoded, encodedTaskContent: `[base64('steps: []')]` } },
          },
        ];
        const contentVersion = '1.0.0.0';
        const template = { contentVersion, resources };
        const put = await arm.call('PUT', deployment, { properties: { mode: 'Incremental', template } });
        assert.equal(put.status, 201, JSON.stringify(put.body));
        const made = await agent.claim();
        assert.ok(made.work.kind === 'taskFile');
        assert.deepEqual(made.work.taskFile, { kind: 'text', text: 'steps: []' });
        await agent.complete(made, 'Succeeded');
      });
    });

    describe('what is refused', () => {
      const cases: [string, object, string, string, RegExp][] = [
        ['no task file', { ...file, taskFilePath: '' }, 'MissingParameter', 'taskFilePath', /empty/],
        ['no source of a file', file, 'MissingParameter', 'sourceLocation', /required/],
        [
          'no upload',
          { ...file, sourceLocation: 'nowhere' },
          'InvalidSourceLocation',
          'sourceLocation',
          /nowhere/,
        ],
        [
          'no content',
          { ...encoded, encodedTaskContent: null },
          'MissingParameter',
          'encodedTaskContent',
          /required/,
        ],
        [
          'an empty content',
          { ...encoded, encodedTaskContent: '' },
          'InvalidParameter',
          'encodedTaskContent',
          /empty/,
        ],
        [
          'no base64',
          { ...encoded, encodedTaskContent: no64 },
          'InvalidParameter',
          'encodedTaskContent',
          /base64/,
        ],
        [
          'half a base64',
          { ...encoded, encodedTaskContent: 'YQ' },
          'InvalidParameter',
          'encodedTaskContent',
          /base64/,
        ],
        [
          'no UTF-8',
          { ...encoded, encodedTaskContent: noUtf8 },
          'InvalidParameter',
          'encodedTaskContent',
          /UTF-8/,
        ],
        [
          'values that are no UTF-8',
          { ...encoded, encodedValuesContent: noUtf8 },
          'InvalidParameter',
          'encodedValuesContent',
          /UTF-8/,
        ],
        [
          'a value without a name',
          { ...encoded, values: [{ value: 'x' }] },
          'MissingParameter',
          'values[0].name',
          /required/,
        ],
        ['a timeout too short', { ...encoded, timeout: 1 }, 'InvalidParameter', 'timeout', /300/],
        [
          'a pool that is not there',
          { ...encoded, agentPoolName: 'nowhere' },
          'AgentPoolNotFound',
          'agentPoolName',
          /nowhere/,
        ],
        [
          'a log template',
          { ...encoded, logTemplate: 'logs:{{.Run.Commit}}' },
          'InvalidLogTemplate',
          'logTemplate',
          /Commit/,
        ],
      ];
      for (const [what, request, code, target, message] of cases) {
        test(`of a request: ${what}`, async () => {
          const error = errorOf(await post(request));
          assert.deepEqual([error.status, error.code, error.target], [400, code, target], error.message);
          assert.match(error.message, message);
        });
      }

      const stepCases: [string, object, string][] = [
        [
          'no UTF-8',
          { type: 'EncodedTask', encodedTaskContent: noUtf8 },
          'properties.step.encodedTaskContent',
        ],
        [
          'no base64',
          { type: 'EncodedTask', encodedTaskContent: no64 },
          'properties.step.encodedTaskContent',
        ],
        [
          'values that are no UTF-8',
          { type: 'EncodedTask', encodedTaskContent: 'YQ==', encodedValuesContent: noUtf8 },
          'properties.step.encodedValuesContent',
        ],
        ['no task file', { type: 'FileTask', contextPath: remote }, 'properties.step.taskFilePath'],
      ];
      for (const [what, step, expected] of stepCases) {
        test(`of a task's step: ${what}`, async () => {
          const { status, target } = errorOf(await putTask('unsound', step));
          assert.deepEqual([status, target], [400, expected]);
          assert.equal((await arm.call('GET', taskPath('unsound'))).status, 404);
        });
      }

      test('a run of a file task without a context', async () => {
        await putTask('contextless', { type: 'FileTask', taskFilePath: 'acb.yaml' });
        const error = errorOf(await post({ type: 'TaskRunRequest', taskId: taskPath('contextless') }));
        const target = 'overrideTaskStepProperties.contextPath';
        assert.deepEqual([error.status, error.code, error.target], [400, 'MissingParameter', target]);
        const request = { overrideTaskStepProperties: { contextPath: remote } };
        await assigned({ type: 'TaskRunRequest', taskId: taskPath('contextless'), ...request });
      });
    });

    test('secret values are in no answer, and sealed in the database', async () => {
      await putTask('secretive', { type: 'EncodedTask', encodedTaskContent: base64(taskText), values });
      const request = { type: 'TaskRunRequest', taskId: taskPath('secretive') };
      const { runId } = await queued(request);
      for (const place of [
        taskPath('secretive'),
        `${arm.registryPath}/tasks`,
        `${arm.registryPath}/runs/${runId}`,
      ]) {
        assert.ok(!JSON.stringify((await arm.call('GET', place)).body).includes(hidden), place);
      }
      const details = await arm.call('POST', `${taskPath('secretive')}/listDetails`);
      assert.ok(JSON.stringify(details.body).includes(hidden));
      const run = await agent.claim();
      assert.ok(JSON.stringify(run.work).includes(hidden));
      await agent.complete(run, 'Succeeded');
      if (!postgres) return;
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      try {
        const sql = 'select request::text as kept from runs union all select properties::text from tasks';
        const { rows } = await client.query<{ kept: string }>(sql);
        assert.ok(rows.length > 1 && !rows.some(({ kept }) => kept.includes(hidden)));
      } finally {
        await client.end();
      }
    });

    describe('what the credential of a run is good for', () => {
      /** The accesses that a token of the login server has, of those that are asked for. */
      const accessOf = async (run: RunAssignment, ...scopes: string[]): Promise<string[]> => {
        const [login] = run.logins;
        assert.ok(login);
        const query = new URLSearchParams([
          ['service', run.loginServer],
          ...scopes.map((each) => ['scope', each]),
        ]);
        const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');
        const response = await server.http.request(`https://${run.loginServer}/oauth2/token?${query}`, {
          method: 'GET',
          headers: { authorization: `Basic ${basic}` },
        });
        assert.equal(response.status, 200);
        const { access_token: token } = (await response.json()) as { access_token: string };
        const [, payload = ''] = token.split('.');
        const { access } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
          access: { name: string; actions: string[] }[];
        };
        return access.map(({ name, actions }) => `${name}:${actions.join(',')}`);
      };

      test('a task file: every repository of its registry, but not its catalog; it ends with the run', async () => {
        const run = await assigned(encoded);
        const found = await accessOf(run, 'repository:any/thing:pull,push,delete', 'registry:catalog:*');
        assert.deepEqual(found, ['any/thing:pull,push']);
        const [, payload = ''] = run.logins[0]?.password.split('.') ?? [];
        const { sub, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
          sub: string;
          exp: number;
        };
        assert.equal(sub, `run:${run.runId}`);
        assert.ok(exp <= Date.now() / 1000 + 3600 + 301);
      });
      test('a build: the repositories of its images', async () => {
        const build = {
          type: 'DockerBuildRequest',
          platform,
          dockerFilePath: 'Dockerfile',
          sourceLocation: remote,
        };
        const run = await assigned({ ...build, imageNames: ['team/app:{{.Run.Commit}}'] });
        const scopes = ['repository:team/app:push', 'repository:other:pull,push'];
        assert.deepEqual(await accessOf(run, ...scopes), ['team/app:push', 'other:pull']);
        const unknown = await assigned({ ...build, imageNames: ['{{.Run.Branch}}/app:v1'] });
        assert.deepEqual(await accessOf(unknown, 'repository:any:push'), ['any:push']);
      });
      test('loginMode None: there is none', async () => {
        const run = await assigned({ ...encoded, credentials: { sourceRegistry: { loginMode: 'None' } } });
        assert.deepEqual(run.logins, []);
      });
    });

    describe('the steps of a run', () => {
      const pending = (stepId: string, ...dependsOn: string[]): StepState => ({
        ...{ stepId, kind: 'cmd', status: 'Pending', dependsOn, attempts: 0 },
      });
      const startTime = '2026-11-24T03:47:43.123Z';
      const running = { status: 'Running', attempts: 1, startTime } as const;
      const begun = async (): Promise<RunAssignment> => {
        await queued(encoded);
        const run = await agent.claim();
        const steps = [pending('second'), pending('first', 'second'), pending('third', 'first')];
        assert.equal((await agent.steps(run, steps)).status, 204);
        return run;
      };
      const shown = async (runId: string) =>
        (await stepsOf(runId)).map(({ properties: { stepId, status } }) => `${stepId} ${status}`);

      test('come in the order of the task, each as it was told last', async () => {
        const run = await begun();
        const failed: StepState = {
          ...{ ...pending('second'), ...running, status: 'Failed' as const, attempts: 2 },
          ...{
            finishTime: '2026-11-24T03:47:45Z',
            exitCode: 7,
            errorMessage: 'bad\0luck',
            isErrorIgnored: true,
          },
        };
        const told = [
          { ...pending('first', 'second'), ...running },
          { ...pending('second'), ...running },
          failed,
        ];
        assert.equal((await agent.steps(run, told)).status, 204);
        const [second, first, ...others] = await stepsOf(run.runId.toUpperCase());
        assert.deepEqual(second, {
          type: 'Microsoft.ContainerRegistry/registries/runs/steps',
          properties: {
            ...{ stepId: 'second', kind: 'cmd', status: 'Failed', dependsOn: [], attempts: 2 },
            startTime: '2026-11-24T03:47:43.1230000+00:00',
            finishTime: '2026-11-24T03:47:45.0000000+00:00',
            ...{ exitCode: 7, errorMessage: 'bad\ufffdluck', isErrorIgnored: true },
          },
          id: `${arm.registryPath}/runs/${run.runId}/steps/second`,
          name: 'second',
        });
        assert.deepEqual([first?.properties.stepId, first?.properties.status], ['first', 'Running']);
        assert.deepEqual(first?.properties.dependsOn, ['second']);
        assert.equal(others.length, 1);
        await agent.complete(run, 'Succeeded');
      });

      for (const [outcome, expected] of [
        ['Canceled', ['second Canceled', 'first Skipped', 'third Skipped']],
        ['Timeout', ['second Timeout', 'first Skipped', 'third Skipped']],
        ['Error', ['second Failed', 'first Skipped', 'third Skipped']],
        ['Succeeded', ['second Succeeded', 'first Skipped', 'third Skipped']],
      ] as const) {
        test(`do not go on after a run that ended as ${outcome}`, async () => {
          const run = await begun();
          await agent.steps(run, [{ ...pending('second'), ...running }]);
          assert.deepEqual(await shown(run.runId), ['second Running', 'first Pending', 'third Pending']);
          await agent.complete(run, outcome);
          assert.deepEqual(await shown(run.runId), expected);
          const [second] = await stepsOf(run.runId);
          assert.ok(second?.properties.finishTime);
        });
      }

      test('are those of the last attempt; an earlier one is not heard any more', async () => {
        const run = await begun();
        const other = await joinPlainAgent(server);
        assert.equal((await other.steps(run, [pending('foreign')])).status, 409);
        await agent.leave();
        agent = await joinPlainAgent(server);
        assert.deepEqual(await stepsOf(run.runId), []);
        const again = await agent.claim();
        assert.deepEqual([again.runId, again.attempt], [run.runId, 2]);
        assert.deepEqual(await stepsOf(run.runId), []);
        const late = await agent.steps(run, [pending('late')]);
        assert.deepEqual(
          [late.status, (late.body as { error: { code: string } }).error.code],
          [409, 'LeaseLost'],
        );
        assert.equal((await agent.steps(again, [])).status, 204);
        assert.equal((await agent.steps(again, [pending('anew')])).status, 204);
        assert.deepEqual(await shown(run.runId), ['anew Pending']);
        await agent.complete(again, 'Failed');
        assert.equal((await agent.steps(again, [pending('after')])).status, 409);
        assert.deepEqual(await shown(run.runId), ['anew Skipped']);
        await other.leave();
      });

      test('are refused when they are none', async () => {
        const run = await begun();
        for (const wrong of [
          { status: 'Odd' },
          { stepId: '' },
          { attempts: -1 },
          { startTime: 'now' },
          { startTime: '0000-01-01T00:00:00Z' },
          { kind: 'x' },
        ]) {
          const steps = [{ ...pending('one'), ...wrong }] as StepState[]; // on purpose not
          assert.equal((await agent.steps(run, steps)).status, 400, JSON.stringify(wrong));
        }
        const many = Array.from({ length: 1001 }, (_, index) => pending(`step${index}`));
        assert.equal((await agent.steps(run, many)).status, 400);
        await agent.complete(run, 'Canceled');
      });

      test('of a run that is not there, and with no token', async () => {
        const nowhere = `${arm.registryPath}/runs/cz9/steps`;
        assert.equal(errorOf(await arm.call('GET', nowhere)).code, 'RunNotFound');
        assert.equal((await arm.withToken(undefined).call('GET', nowhere)).status, 401);
      });
    });
  });
}
