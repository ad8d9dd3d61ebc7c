import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loginAz, type Az } from './support/az.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { TestServer, type CommandResult } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { makeTaskContext } from './support/task-context.ts';

const registry = ['-r', 'slipway'];
const secret = 'az-secret-4711';

/** Task files and commands through an unmodified az, each run to its end on the engine, in this order. */
describe('az acr run and tasks with YAML', () => {
  let server: TestServer;
  let git: GitServer;
  let az: Az;
  let context: Awaited<ReturnType<typeof makeTaskContext>>;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    git = await serveGit();
    context = await makeTaskContext();
    await git.commit('main', {
      'alone.yaml': await readFile(path.join(context.directory, 'alone.yaml'), 'utf8'),
      'values.yaml': 'greeting: from git\n',
      'branch.yaml':
        'version: v1.1.0\nsteps:\n  - cmd: $Registry/tools:v1 echo "on $Branch, {{.Values.greeting}}"\n',
    });
    az = await loginAz(server, context.directory);
  });
  after(() =>
    stopAll(
      () => az.logout(),
      () => git.stop(),
      () => server.stop(),
      () => context.remove(),
    ),
  );

  const must = async (...args: string[]): Promise<CommandResult> => {
    const result = await az.az(...args);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result;
  };
  const runIdIn = ({ stderr }: CommandResult): string =>
    /Queued a run with ID: (\w+)/.exec(stderr)?.[1] ?? assert.fail(stderr);

  test('run -f of a directory: builds, pushes, runs; values from a file, --set and --set-secret', async () => {
    const ran = await must(
      ...['acr', 'run', ...registry, '-f', 'task.yaml', '--values', 'values.yaml'],
      ...['--set', 'name=them', '--set-secret', `password=${secret}`, context.directory],
    );
    assert.match(ran.stdout, /welcome them from quicktask, \*\*\*/);
    assert.ok(!ran.stdout.includes(secret));
    const runId = runIdIn(ran);
    assert.match(ran.stdout, new RegExp(`Successfully pushed image: localhost:\\d+/tools:${runId}`));
    assert.match(ran.stdout, new RegExp(`Run ID: ${runId} was successful after`));
    const shown = (await az.azJson('acr', 'task', 'show-run', ...registry, '--run-id', runId)) as {
      runType: string;
      status: string;
      outputImages: { repository: string; tag: string; digest: string }[];
    };
    assert.deepEqual([shown.runType, shown.status], ['QuickRun', 'Succeeded']);
    const images = shown.outputImages.map(({ repository, tag }) => `${repository}:${tag}`).sort();
    assert.deepEqual(images, [`tools:${runId}`, 'tools:v1']);
    const steps = await server.slipway(['steps', runId]);
    assert.match(
      steps.stdout,
      /^image +build +Succeeded .*\nupload +push +Succeeded .*\ngreet +cmd +Succeeded /m,
    );
  });

  test('run --cmd without a source', async () => {
    const cmd = '$Registry/tools:v1 echo "only this"';
    const ran = await must('acr', 'run', ...registry, '--cmd', cmd, '/dev/null');
    assert.match(ran.stdout, /^only this/m);
  });

  test('run --cmd that fails', async () => {
    const cmd = '$Registry/tools:v1 sh -c "exit 7"';
    const ran = await az.az('acr', 'run', ...registry, '--cmd', cmd, '/dev/null');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /Run failed/);
    const steps = JSON.parse((await server.slipway(['steps', '--json', runIdIn(ran)])).stdout) as {
      status: string;
      exitCode: number;
    }[];
    assert.deepEqual([steps[0]?.status, steps[0]?.exitCode], ['Failed', 7]);
  });

  test('run -f of a local file without a source', async () => {
    // az itself sends no values file then, and puts a version before the one in the file.
    const ran = await must(
      ...['acr', 'run', ...registry, '-f', 'alone.yaml', '--set', 'greeting=welcome', '/dev/null'],
    );
    assert.match(ran.stdout, /^welcome, alone/m);
  });

  test('run -f of a git repository', async () => {
    const ran = await must(
      ...['acr', 'run', ...registry, '-f', 'branch.yaml', '--set', 'greeting=hi', `${git.url}#main`],
    );
    assert.match(ran.stdout, /^on main, hi/m);
  });

  test('run of a file that is not there, and of one that is no task', async () => {
    const missing = await az.az('acr', 'run', ...registry, '-f', 'nowhere.yaml', `${git.url}#main`);
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /Run ID: \w+ failed after .*nowhere\.yaml/);
    const none = await az.az('acr', 'run', ...registry, '-f', 'values.yaml', `${git.url}#main`);
    assert.equal(none.code, 1);
    assert.match(none.stdout, /Run ID: \w+ failed after .*Error: /);
  });

  test('task create -f with a git context, run with --set, list-runs, logs', async () => {
    const task = [...registry, '-n', 'file-task'];
    await must(
      ...['acr', 'task', 'create', ...task, '-f', 'alone.yaml', '--context', `${git.url}#main`],
      ...[
        '--values',
        'values.yaml',
        '--commit-trigger-enabled',
        'false',
        '--base-image-trigger-enabled',
        'false',
      ],
      ...['--set-secret', `password=${secret}`],
    );
    const shown = (await az.azJson('acr', 'task', 'show', ...task)) as { step: Record<string, unknown> };
    assert.equal(shown.step.type, 'FileTask');
    assert.equal(shown.step.taskFilePath, 'alone.yaml');
    assert.ok(!JSON.stringify(shown).includes(secret));
    const first = await must('acr', 'task', 'run', ...task);
    assert.match(first.stdout, /^from git, alone/m);
    const second = await must('acr', 'task', 'run', ...task, '--set', 'greeting=changed');
    assert.match(second.stdout, /^changed, alone/m);
    const other = await must('acr', 'task', 'run', ...task, '--file', 'branch.yaml', '--set', 'greeting=x');
    assert.match(other.stdout, /^on main, x/m);
    const runs = (await az.azJson('acr', 'task', 'list-runs', ...task)) as { runId: string; task: string }[];
    assert.deepEqual(
      runs.map((run) => [run.runId, run.task]),
      [other, second, first].map((result) => [runIdIn(result), 'file-task']),
    );
    const logs = await must('acr', 'task', 'logs', ...registry, '--run-id', runIdIn(second));
    assert.match(logs.stdout, /^changed, alone/m);
    const latest = await must('acr', 'task', 'logs', ...task);
    assert.match(latest.stdout, /^on main, x/m);
  });

  test('task create --cmd without a context, run, update', async () => {
    const task = [...registry, '-n', 'cmd-task'];
    await must(
      ...['acr', 'task', 'create', ...task, '--context', '/dev/null'],
      ...['--cmd', '$Registry/tools:v1 echo "{{.Run.TaskName}} {{.Values.word}}"'],
    );
    const ran = await must('acr', 'task', 'run', ...task, '--set', 'word=ran');
    assert.match(ran.stdout, /^cmd-task ran/m);
    await must('acr', 'task', 'update', ...task, '--cmd', '$Registry/tools:v1 echo changed');
    assert.match((await must('acr', 'task', 'run', ...task)).stdout, /^changed/m);
  });
});
