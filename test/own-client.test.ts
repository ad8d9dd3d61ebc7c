import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { busyboxBase, makeContext } from './support/context.ts';
import { startPostgres } from './support/postgres.ts';
import { command, must, slipwayCommand, TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

/** `slipway build|logs|runs|cancel`, for people without az, on either database. */
for (const state of ['PGlite', 'PostgreSQL'] as const) {
  describe(`own client, on ${state}`, () => {
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    let server: TestServer;
    let context: Awaited<ReturnType<typeof makeContext>>;

    before(async () => {
      if (state === 'PostgreSQL') postgres = await startPostgres();
      server = await TestServer.start({
        agents: 1,
        ...(postgres && { databaseUrl: postgres.url }),
      });
      context = await makeContext(
        `${busyboxBase}\nCOPY kept.txt /\nARG NAME=nobody\nARG HIDDEN\nRUN echo "for $NAME, $HIDDEN" && ls / | tr '\\n' ' '\n`,
        {
          'kept.txt': 'kept',
          'ignored.txt': 'ignored',
          '.dockerignore': '*.txt\n!kept.txt\nDockerfile\n',
          'failing/Dockerfile': 'FROM scratch\nCOPY nothing /\n',
          'slow.Dockerfile': `${busyboxBase}\nRUN echo begun && sleep 600\n`,
        },
      );
    });
    after(() =>
      stopAll(
        () => server.stop(),
        () => postgres?.stop(),
        () => context.remove(),
      ),
    );

    test('build: streams the log, ends with image and digest; runs lists it, logs shows it again', async () => {
      const built = await server.slipway([
        ...['build', '-t', 'team/app:v1', '-t', 'team/app:latest', '--build-arg', 'NAME=them'],
        ...['--secret-build-arg', 'HIDDEN=open-sesame-77', context.directory],
      ]);
      assert.equal(built.code, 0, built.stdout + built.stderr);
      assert.match(built.stdout, /for them, \*\*\*/);
      assert.match(built.stderr, /localhost:\d+\/team\/app:v1@sha256:[0-9a-f]{64}/);
      assert.match(built.stderr, /localhost:\d+\/team\/app:latest@sha256:[0-9a-f]{64}/);
      const runId = /Queued as run (\w+)/.exec(built.stderr)?.[1] ?? '';
      const runs = await server.slipway(['runs']);
      assert.match(runs.stdout, new RegExp(`^${runId} +Succeeded .*team/app:v1@sha256:`, 'm'));
      const logs = await server.slipway(['logs', runId]);
      assert.equal(logs.code, 0);
      assert.equal(logs.stdout, built.stdout);
      const json = JSON.parse((await server.slipway(['runs', '--json', '--top', '1'])).stdout) as unknown[];
      assert.equal(json.length, 1);
    });

    test('the log has the lines of the format, in their order, ended by CR LF', async () => {
      const built = await server.slipway(['build', '-t', 'lines:v1', context.directory]);
      const expected = [
        'Downloading source code...',
        'Finished downloading source code',
        'Setting up Docker configuration...',
        'Successfully set up Docker configuration',
        'Logging in to registry: localhost:',
        'Successfully logged into localhost:',
        'Executing step ID: build. Timeout(sec): 3600, Working directory: ',
        'Scanning for dependencies...',
        'Successfully scanned dependencies',
        'Launching container with name: build',
        'Successfully executed container: build',
        'Executing step ID: push.',
        'Pushing image: localhost:',
        'Successfully pushed image: localhost:',
        'Step ID: build marked as successful (elapsed time in seconds: ',
        'Populating digests for step ID: build...',
        'Successfully populated digests for step ID: build',
        'Step ID: push marked as successful (elapsed time in seconds: ',
      ];
      const engineLines = [...built.stdout.matchAll(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (.*)\r$/gm)].map(
        ([, message = '']) => message,
      );
      assert.equal(engineLines.length, expected.length, engineLines.join('\n'));
      for (const [index, line] of expected.entries()) assert.ok(engineLines[index]?.startsWith(line), line);
      assert.match(
        built.stdout,
        /The following dependencies were found:\r\n\r\n- image:\r\n {4}registry: localhost/,
      );
      assert.match(built.stdout, /\r\n\r\nRun ID: \w+ was successful after \d+s\r\n$/);
      assert.ok(!/[^\r]\n/.test(built.stdout));
    });

    test('.dockerignore: what it leaves out is not sent, the Dockerfile is', async () => {
      const built = await server.slipway(['build', '-t', 'ignore:v1', '--no-cache', context.directory]);
      assert.match(built.stdout, / bin .*kept\.txt/);
      assert.ok(!built.stdout.includes('ignored.txt'));
    });

    test('a build that fails: exit code 1 and the reason', async () => {
      const failed = await server.slipway(['build', '-t', 'bad:v1', path.join(context.directory, 'failing')]);
      assert.equal(failed.code, 1);
      assert.match(failed.stderr, /Run \w+ failed: failed to run step ID: build: exit status 1/);
      const runId = /Queued as run (\w+)/.exec(failed.stderr)?.[1] ?? '';
      assert.equal((await server.slipway(['logs', runId])).code, 1);
    });

    test('--no-wait, then cancel', async () => {
      const queued = await server.slipway([
        ...['build', '-t', 'slow:v1', '--no-wait', '--no-cache', '-f', 'slow.Dockerfile'],
        context.directory,
      ]);
      assert.equal(queued.code, 0, queued.stderr);
      const runId = /Queued as run (\w+)/.exec(queued.stderr)?.[1] ?? '';
      const statusOf = async (): Promise<string | undefined> => {
        const { stdout } = await server.slipway(['runs', '--json']);
        const runs = JSON.parse(stdout) as { runId: string; status: string }[];
        return runs.find((run) => run.runId === runId)?.status;
      };
      await until('the run is under way', async () => (await statusOf()) === 'Running');
      assert.equal((await server.slipway(['cancel', runId])).code, 0);
      await until('the run is canceled', async () => (await statusOf()) === 'Canceled');
      const again = await server.slipway(['cancel', runId]);
      assert.equal(again.code, 1);
      assert.match(again.stderr, /can no longer be canceled: it is Canceled/);
    });

    test('Ctrl-C during a build cancels it and shows how it ends', async () => {
      const [program = '', ...args] = slipwayCommand(['build', '--no-cache', '-f', 'slow.Dockerfile']);
      const child = spawn(program, [...args, '-t', 'slow:v2', context.directory], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...(await server.clientEnv()) },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      }
      await until('the build is under way', () => output.includes('begun'));
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 1);
      assert.match(output, /Canceling run \w+/);
      assert.match(output, /was canceled after/);
    });

    test('a wrong secret, and a server that is not there, are told in one line', async () => {
      const wrong = await server.slipway(['runs'], { SLIPWAY_CLIENT_SECRET: 'wrong' });
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /^slipway: the server refused to log in: .*secret is wrong\n$/);
      const away = await server.slipway(['runs'], { SLIPWAY_URL: 'https://localhost:1' });
      assert.match(away.stderr, /^slipway: cannot reach the server at https:\/\/localhost:1: .*\n$/);
      const file = path.join(server.directory, 'empty.env');
      await writeFile(file, '');
      const nothing = await command(process.execPath, slipwayCommand(['runs', '--env-file', file]).slice(1));
      assert.match(nothing.stderr, /SLIPWAY_URL is not set/);
    });
  });
}

test('doctor: says what is there, and exits 0 where nothing is missing', async () => {
  const [program = '', ...args] = slipwayCommand(['doctor']);
  const text = await must(program, args);
  for (const what of ['Node', 'Docker engine', 'docker with BuildKit', 'git', 'disk', 'az']) {
    assert.match(text, new RegExp(`✓ ${what}`));
  }
  const without = await command(program, args, { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  assert.equal(without.code, 1);
  assert.match(without.stdout, /✗ Docker engine +unix:\/\/\/nowhere\/docker\.sock does not answer; start it/);
});

test('quickstart --exit beside an engine that runs already: builds, shows the digest, leaves nothing running', async () => {
  const server = await TestServer.start();
  const data = path.join(server.directory, 'quickstart');
  try {
    const [program = '', ...args] = slipwayCommand(['quickstart', '--exit', '--data', data]);
    const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
    const result = await command(program, args, { DOCKER_HOST: host });
    assert.equal(result.code, 0, result.stdout + result.stderr);
    assert.match(result.stderr, /localhost:\d+\/hello:v1@sha256:[0-9a-f]{64}/);
    assert.match(result.stdout, /az acr build -r slipway -t hello:v3/);
    assert.ok(!result.stderr.includes('Installing'));
    assert.ok(!result.stdout.includes('none is connected'));
    assert.ok(!(await must('ps', ['-eo', 'args'])).includes(data));
    assert.equal((await command(program, args, { DOCKER_HOST: host })).code, 0); // a second start
  } finally {
    await server.stop();
  }
});
