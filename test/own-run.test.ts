import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestServer, type CommandResult } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { makeTaskContext } from './support/task-context.ts';

const secret = 'own-secret-4711';

/** `slipway run` and `slipway steps`, for people without az, in this order. */
describe('slipway run', () => {
  let server: TestServer;
  let context: Awaited<ReturnType<typeof makeTaskContext>>;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    context = await makeTaskContext();
  });
  after(() =>
    stopAll(
      () => server.stop(),
      () => context.remove(),
    ),
  );

  const must = async (...args: string[]): Promise<CommandResult> => {
    const result = await server.slipway(args);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result;
  };
  const runIdIn = ({ stderr }: CommandResult): string =>
    /Queued as run (\w+)/.exec(stderr)?.[1] ?? assert.fail(stderr);

  test('a task file of a directory, also one that .dockerignore leaves out', async () => {
    await writeFile(path.join(context.directory, '.dockerignore'), '*.yaml\n');
    const ran = await must(
      ...['run', '-f', 'task.yaml', '--values', 'values.yaml', '--set', 'name=them'],
      ...['--set-secret', `password=${secret}`, '--timeout', '600', context.directory],
    );
    assert.match(ran.stdout, /welcome them from quicktask, \*\*\*/);
    assert.match(ran.stderr, /localhost:\d+\/tools:v1@sha256:[0-9a-f]{64}/);
    const steps = await must('steps', runIdIn(ran));
    const [header, ...rows] = steps.stdout.trimEnd().split('\n');
    assert.match(header ?? '', /^STEP +KIND +STATUS +STARTED AT +TOOK +TRIES +EXIT CODE/);
    assert.equal(rows.length, 3);
    assert.match(rows[2] ?? '', /^greet +cmd +Succeeded +\+\d+\.\ds +\d+\.\ds +1 +0/);
  });

  test('a command without a source, as it is written', async () => {
    const cmd = `$Registry/tools:v1 sh -c 'echo "a: b" && pwd'`;
    const ran = await must('run', '--cmd', cmd);
    assert.match(ran.stdout, /^a: b\r?\n\/\r?$/m);
  });

  test('a command that fails: its exit code is in the steps, ours is 1', async () => {
    const ran = await server.slipway(['run', '--cmd', '$Registry/tools:v1 sh -c "exit 7"']);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, new RegExp(`Run ${runIdIn(ran)} failed: `));
    assert.match((await must('steps', runIdIn(ran))).stdout, /cmd +Failed .* 1 +7/);
  });

  test('a local file without a source; nobody waits for it', async () => {
    const file = path.join(context.directory, 'alone.yaml');
    const ran = await must('run', '-f', file, '--set', 'greeting=quiet', '--no-wait', '/dev/null');
    assert.match((await must('logs', runIdIn(ran))).stdout, /^quiet, alone/m);
  });

  test('what cannot be', async () => {
    const both = await server.slipway(['run', '--cmd', 'x', '-f', 'task.yaml']);
    assert.equal(both.code, 1);
    assert.match(both.stderr, /--cmd is a task by itself/);
    const missing = await server.slipway(['run', '-f', 'nowhere.yaml', '/dev/null']);
    assert.match(missing.stderr, /cannot read nowhere\.yaml/);
    const noRun = await server.slipway(['steps', 'cz9']);
    assert.equal(noRun.code, 1);
    assert.match(noRun.stderr, /there is no run cz9/);
  });
});
