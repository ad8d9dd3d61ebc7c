import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loginAz, type Az } from './support/az.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { command, TestServer, type CommandResult } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

/** An unmodified az against a server of ours: what it prints and how it exits is what a user would see. */
describe('az', () => {
  let server: TestServer;
  let git: GitServer;
  let client: Az;
  let context: Awaited<ReturnType<typeof makeContext>>;

  const az = (...args: string[]): Promise<CommandResult> => client.az(...args);
  const azJson = (...args: string[]): Promise<unknown> => client.azJson(...args);
  const runIdIn = (result: CommandResult): string =>
    /Queued a (?:build|run) with ID: (\w+)/.exec(result.stderr)?.[1] ?? assert.fail(result.stderr);

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    git = await serveGit();
    context = await makeContext(
      [
        busyboxBase,
        'ARG GREETING=hello',
        'RUN echo "$GREETING" > /greeting',
        'FROM 0 AS other',
        'RUN echo other',
      ]
        .join('\n')
        .replace('FROM scratch', 'FROM scratch AS base')
        .replace('FROM 0', 'FROM base'),
      {
        'fail.Dockerfile': `${busyboxBase}\nRUN exit 3\n`,
        'slow.Dockerfile': `${busyboxBase}\nRUN sleep 600\n`,
      },
    );
    // `--file` is looked for in the working directory, too.
    client = await loginAz(server, context.directory);
  });
  after(() =>
    stopAll(
      () => client.logout(),
      () => git.stop(),
      () => server.stop(),
      () => context.remove(),
    ),
  );

  test('acr create, show, list, check-name, delete', async () => {
    const created = (await azJson(
      'acr',
      'create',
      '-g',
      'slipway',
      '-n',
      'second1',
      '--sku',
      'Standard',
    )) as {
      loginServer: string;
    };
    assert.match(created.loginServer, /^localhost:\d+$/);
    const shown = (await azJson('acr', 'show', '-n', 'second1')) as { sku: { name: string } };
    assert.equal(shown.sku.name, 'Standard');
    const listed = (await azJson('acr', 'list')) as { name: string }[];
    assert.deepEqual(listed.map(({ name }) => name).sort(), ['second1', 'slipway']);
    const taken = (await azJson('acr', 'check-name', '-n', 'SECOND1')) as { nameAvailable: boolean };
    assert.equal(taken.nameAvailable, false);
    const updated = (await azJson('acr', 'update', '-n', 'second1', '--admin-enabled', 'true')) as {
      adminUserEnabled: boolean;
    };
    assert.equal(updated.adminUserEnabled, true);
    const credentials = (await azJson('acr', 'credential', 'show', '-n', 'second1')) as { username: string };
    assert.equal(credentials.username, 'second1');
    assert.equal((await az('acr', 'delete', '-n', 'second1', '-y')).code, 0);
    assert.equal((await az('acr', 'show', '-n', 'second1', '-g', 'slipway')).code, 3);
  });

  test('build of a directory: uploads, streams the log, pushes; docker pulls the image with our token', async () => {
    const built = await az('acr', 'build', '-r', 'slipway', '-t', 'app:v1', context.directory);
    assert.equal(built.code, 0, built.stdout + built.stderr);
    assert.match(built.stdout, /Successfully pushed image: localhost:\d+\/app:v1/);
    assert.match(built.stdout, /Run ID: \w+ was successful after \d+s/);
    const runId = runIdIn(built);

    const run = (await azJson('acr', 'task', 'show-run', '-r', 'slipway', '--run-id', runId)) as {
      status: string;
      outputImages: { digest: string; repository: string; registry: string }[];
    };
    assert.equal(run.status, 'Succeeded');
    const image = run.outputImages[0];
    assert.equal(image?.repository, 'app');

    const dockerConfig = path.join(server.directory, 'docker-config');
    await mkdir(dockerConfig, { recursive: true });
    const login = await az('acr', 'login', '-n', 'slipway', '--expose-token', '-o', 'json');
    assert.equal(login.code, 0, login.stderr);
    const { accessToken, loginServer } = JSON.parse(login.stdout) as {
      accessToken: string;
      loginServer: string;
    };
    const user = '00000000-0000-0000-0000-000000000000';
    const auth = Buffer.from(`${user}:${accessToken}`).toString('base64');
    await writeFile(
      path.join(dockerConfig, 'config.json'),
      JSON.stringify({ auths: { [loginServer]: { auth } } }),
    );
    const pulled = await command('docker', ['pull', `${loginServer}/app@${image?.digest}`], {
      DOCKER_CONFIG: dockerConfig,
    });
    assert.equal(pulled.code, 0, pulled.stderr);
    await command('docker', ['rmi', `${loginServer}/app@${image?.digest}`]);
    const anonymous = await command('docker', ['pull', `${loginServer}/app:v1`], {
      DOCKER_CONFIG: server.directory,
    });
    assert.notEqual(anonymous.code, 0);
  });

  test('a build that fails: "Run failed" and exit code 1', async () => {
    const failed = await az(
      'acr',
      'build',
      '-r',
      'slipway',
      '-t',
      'app:bad',
      '-f',
      'fail.Dockerfile',
      context.directory,
    );
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /Run failed/);
  });

  test('options: --no-push, --file, --build-arg, --secret-build-arg, --target, --platform, --timeout', async () => {
    const secret = 'sesame-4711-open';
    const dockerfile = path.join(context.directory, 'options.Dockerfile');
    await writeFile(
      dockerfile,
      `${busyboxBase.replace('scratch', 'scratch AS base')}\nFROM base AS wanted\nARG PLAIN\nARG HIDDEN\n` +
        'RUN echo "plain is $PLAIN" && echo "hidden is $HIDDEN"\nFROM base AS unwanted\nRUN exit 9\n',
    );
    const built = await az(
      ...['acr', 'build', '-r', 'slipway', '-t', 'options:v1', '--no-push', '-f', 'options.Dockerfile'],
      ...['--build-arg', 'PLAIN=visible', '--secret-build-arg', `HIDDEN=${secret}`, '--target', 'wanted'],
      ...['--platform', 'linux/amd64', '--timeout', '600', context.directory],
    );
    assert.equal(built.code, 0, built.stdout + built.stderr);
    assert.match(built.stdout, /plain is visible/);
    assert.match(built.stdout, /hidden is \*\*\*/);
    assert.ok(!(built.stdout + built.stderr).includes(secret));
    assert.ok(!built.stdout.includes('Pushing image'));
  });

  test('--no-wait, then logs, list-runs and cancel-run', async () => {
    const queued = await az(
      ...[
        'acr',
        'build',
        '-r',
        'slipway',
        '-t',
        'slow:v1',
        '--no-wait',
        '-f',
        'slow.Dockerfile',
        context.directory,
      ],
    );
    assert.equal(queued.code, 0, queued.stderr);
    const runId = runIdIn(queued);
    const statusOf = async (): Promise<string> =>
      ((await azJson('acr', 'task', 'show-run', '-r', 'slipway', '--run-id', runId)) as { status: string })
        .status;
    await until('the run is under way', async () => (await statusOf()) === 'Running', 120_000);
    const canceled = await az('acr', 'task', 'cancel-run', '-r', 'slipway', '--run-id', runId);
    assert.equal(canceled.code, 0, canceled.stderr);
    await until('the run is canceled', async () => (await statusOf()) === 'Canceled', 120_000);
    const logs = await az('acr', 'task', 'logs', '-r', 'slipway', '--run-id', runId);
    assert.equal(logs.code, 0, logs.stderr);
    assert.match(logs.stdout, /was canceled/);
    const listed = (await azJson(
      'acr',
      'task',
      'list-runs',
      '-r',
      'slipway',
      '--run-status',
      'Canceled',
    )) as {
      runId: string;
    }[];
    assert.ok(listed.some((run) => run.runId === runId));
    const top = (await azJson('acr', 'task', 'list-runs', '-r', 'slipway', '--top', '1')) as unknown[];
    assert.equal(top.length, 1);
  });

  test('--auth-mode None, and the runs that made an image', async () => {
    const built = await az(
      ...['acr', 'build', '-r', 'slipway', '-t', 'alone:v1', '--auth-mode', 'None', '--no-push', '.'],
    );
    assert.equal(built.code, 0, built.stdout + built.stderr);
    assert.ok(!built.stdout.includes('Logging in to registry'));
    const pushed = await az('acr', 'build', '-r', 'slipway', '-t', 'found:v1', '.');
    assert.equal(pushed.code, 0, pushed.stdout + pushed.stderr);
    const runs = ['acr', 'task', 'list-runs', '-r', 'slipway', '--image'];
    const found = (await azJson(...runs, 'found:v1')) as {
      runId: string;
      outputImages: { digest: string }[];
    }[];
    assert.deepEqual(
      found.map(({ runId }) => runId),
      [runIdIn(pushed)],
    );
    const byDigest = await azJson(...runs, `found@${found[0]?.outputImages[0]?.digest}`);
    assert.deepEqual(byDigest, found);
    assert.deepEqual(
      await azJson('acr', 'repository', 'show-tags', '-n', 'slipway', '--repository', 'found'),
      ['v1'],
    );
    const repositories = (await azJson('acr', 'repository', 'list', '-n', 'slipway')) as string[];
    assert.ok(repositories.includes('found'));
    const unknown = await az(...runs, 'found:v2');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /there is no tag v2/);
  });

  test('a git URL with #branch:folder, and a tarball URL', async () => {
    await git.commit('feature', {
      'sub/Dockerfile': 'FROM scratch\nCOPY page.html /\n',
      'sub/page.html': 'hello',
    });
    const fromGit = await az('acr', 'build', '-r', 'slipway', '-t', 'git:v1', `${git.url}#feature:sub`);
    assert.equal(fromGit.code, 0, fromGit.stdout + fromGit.stderr);
    assert.match(fromGit.stdout, /was successful after/);
    const fromTarball = await az(
      'acr',
      'build',
      '-r',
      'slipway',
      '-t',
      'tar:v1',
      await git.tarball('feature:sub'),
    );
    assert.equal(fromTarball.code, 0, fromTarball.stdout + fromTarball.stderr);
    const missing = await az('acr', 'build', '-r', 'slipway', '-t', 'git:v2', `${git.url}#nowhere`);
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /nowhere/);
  });
});
