import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findDockerCli } from '../src/engine/index.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { command, must, slipwayCommand, type CommandResult } from './support/server.ts';
import { until } from './support/wait.ts';

const box = `localhost/slipway-exec-${process.pid}:box`;

/** Task files on the real engine, without any server. */
describe('slipway exec', () => {
  let docker: string;
  before(async () => {
    docker = await findDockerCli(process.env);
    const context = await makeContext(`${busyboxBase}\nLABEL slipway.test=exec-${process.pid}\n`); // an image of its own
    await must(docker, ['build', '--tag', box, context.directory], { DOCKER_BUILDKIT: '1' });
    await context.remove();
  });
  after(async () => {
    await command(docker, ['rmi', box]);
  });

  /** Runs a task file in a source of its own; `box` in it is an image with a shell. */
  const exec = async (
    task: string,
    args: readonly string[] = [],
    files: Record<string, string> = {},
    env: Record<string, string> = {},
  ): Promise<CommandResult & { lines: string[] }> => {
    const context = await makeContext(busyboxBase, { 'acb.yaml': `version: v1.1.0\n${task}`, ...files });
    const [program = '', ...rest] = slipwayCommand(['exec', ...args, '--image-alias', `box=${box}`]);
    const result = await command(program, [...rest, context.directory], env);
    await context.remove();
    return { ...result, lines: result.stdout.split('\n') };
  };
  const succeeds = async (...given: Parameters<typeof exec>): Promise<string> => {
    const { code, stdout, stderr } = await exec(...given);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const fails = async (...given: Parameters<typeof exec>): Promise<string> => {
    const { code, stdout, stderr } = await exec(...given);
    assert.equal(code, 1, stdout + stderr);
    return stdout + stderr;
  };
  /** What is on the engine of runs of this process's children; each run says its own name in its labels. */
  const leftOn = async (marker: string): Promise<string> => {
    const containers = await must(docker, ['ps', '--all', '--quiet', '--filter', `label=${marker}`]);
    return containers + (await must(docker, ['network', 'ls', '--quiet', '--filter', `label=${marker}`]));
  };

  test('the log has its lines in their order', async () => {
    const log = await succeeds('steps:\n  - cmd: box echo hello\n');
    const expected = [
      /Downloading source code\.\.\.$/,
      /Finished downloading source code$/,
      /Using acb_vol_[0-9a-f-]{36} as the home volume$/,
      /Creating Docker network: acb_default_network, driver: 'bridge'$/,
      /Successfully set up Docker network: acb_default_network$/,
      /Setting up Docker configuration\.\.\.$/,
      /Successfully set up Docker configuration$/,
      /Executing step ID: acb_step_0\. Timeout\(sec\): 600, Working directory: '', Network: 'acb_default_network'$/,
      /Launching container with name: acb_step_0$/,
      /^hello$/,
      /Successfully executed container: acb_step_0$/,
      /Step ID: acb_step_0 marked as successful \(elapsed time in seconds: \d+\.\d{6}\)$/,
      /^$/,
      /^Run ID: local was successful after \d+s$/,
    ];
    const lines = log.trimEnd().split('\n');
    assert.equal(lines.length, expected.length, log);
    expected.forEach((line, index) => assert.match(lines[index] ?? '', line));
  });

  test('steps share workspace and home, and start where they say', async () => {
    const log = await succeeds(
      [
        'steps:',
        '  - cmd: box sh -c "echo made > made && echo kept > $HOME/kept && mkdir -p sub"',
        '  - cmd: box sh -c "cat made $HOME/kept && pwd"',
        '  - workingDirectory: sub',
        '    cmd: box sh -c "pwd"',
        '  - disableWorkingDirectoryOverride: true',
        '    cmd: box sh -c "echo in:$(pwd):"',
        '  - env: [A=step, B=b]',
        '    cmd: box sh -c "echo $A-$B-$HOME"',
      ].join('\n'),
    );
    for (const line of ['made', 'kept', '/workspace', '/workspace/sub', 'in:/:', 'step-b-/acb/home'])
      assert.ok(log.split('\n').includes(line), `${line} in:\n${log}`);
  });

  test('what does not wait for another runs at the same time; --max-parallel-steps holds it to fewer', async () => {
    const meet = (mine: string, other: string): string =>
      `box sh -c "touch ${mine}; for i in $(seq 1200); do test -e ${other} && exit 0; sleep 0.05; done; exit 1"`;
    const task = [
      'steps:',
      ...['a', 'b'].flatMap((id) => [
        `  - id: ${id}`,
        '    when: ["-"]',
        `    cmd: ${meet(id, id === 'a' ? 'b' : 'a')}`,
      ]),
    ];
    await succeeds(task.join('\n'));
    assert.match(await fails(task.join('\n'), ['--max-parallel-steps', '1']), /step ID: a: exit status 1/);
  });

  test('a detached service is reached by its step id, and stopped at the end', async () => {
    const log = await succeeds(
      [
        'steps:',
        '  - id: web',
        '    detach: true',
        '    cmd: box sh -c "mkdir /www; echo served > /www/index.html; httpd -f -p 8080 -h /www"',
        '  - retries: 20',
        '    retryDelay: 1',
        '    cmd: box wget -qO- http://web:8080/',
      ].join('\n'),
    );
    assert.match(log, /^served$/m);
    assert.equal((await must(docker, ['ps', '--quiet', '--filter', `ancestor=${box}`])).trim(), '');
  });

  test('a detached service has the workspace to the end, also while images are pushed', async () => {
    const log = await fails(
      [
        'steps:',
        '  - id: web',
        '    detach: true',
        '    cmd: box sh -c "echo looks; while test -e Dockerfile; do sleep 0.05; done; echo gone"',
        '  - build: -t localhost:1/slipway-nowhere:v1 .',
        '  - push: ["localhost:1/slipway-nowhere:v1"]',
      ].join('\n'),
    );
    assert.match(log, /^looks$/m);
    assert.match(log, /attempt 3/);
    assert.doesNotMatch(log, /^gone$/m);
  });

  test('a build beside a container takes what is in the workspace, the volumes and the home', async () => {
    const dockerfile = [
      `FROM ${box}`,
      'COPY made/file /file',
      'RUN --mount=type=secret,id=home --mount=type=secret,id=volume \\',
      '  echo "built $(cat /file) $(wc -c < /run/secrets/home) $(wc -c < /run/secrets/volume)"',
    ];
    const log = await succeeds(
      [
        'volumes:',
        '  - name: keys',
        `    secret: { key: ${Buffer.from('four').toString('base64')} }`,
        'steps:',
        '  - id: web',
        '    detach: true',
        '    cmd: box sleep 600',
        '  - cmd: box sh -c "mkdir made; echo -n here > made/file; echo -n home5 > /acb/home/five"',
        '  - build: --no-cache -f Dockerfile.made --secret id=home,src=/acb/home/five --secret id=volume,src=/keys/key .',
        '    volumeMounts: [{ name: keys, mountPath: /keys }]',
      ].join('\n'),
      [],
      { 'Dockerfile.made': `${dockerfile.join('\n')}\n` },
    );
    assert.match(log, /built here 5 4$/m);
  });

  test('a pipe in place of a Dockerfile is none', async () => {
    const log = await fails('steps:\n  - cmd: box mkfifo Pipe\n  - timeout: 20\n    build: -f Pipe .\n');
    assert.match(log, /unable to find the Dockerfile "Pipe"/);
  });

  test('a step runs the image that an earlier one built', async () => {
    const log = await succeeds(
      [
        'steps:',
        '  - id: make',
        '    build: -t $Registry/made:1 -f made.Dockerfile --build-arg WHAT=cross .',
        '  - cmd: $Registry/made:1',
      ].join('\n'),
      [],
      {
        'made.Dockerfile': `${busyboxBase}\nARG WHAT\nENV WHAT=$WHAT\nCMD ["/bin/sh", "-c", "echo $WHAT-image"]\n`,
      },
    );
    assert.match(log, /^cross-image$/m);
    assert.match(log, /Scanning for dependencies/);
    assert.match(log, /repository: made/);
    assert.equal((await must(docker, ['images', '--quiet', 'localhost:5000/made:1'])).trim(), '');
  });

  test('a secret volume has its files, which no log shows', async () => {
    const content = Buffer.from('volume-secret').toString('base64');
    const log = await succeeds(
      [
        'steps:',
        '  - volumeMounts: [{name: hidden, mountPath: /run/hidden}]',
        '    cmd: box sh -c "cat /run/hidden/token; wc -c < /run/hidden/token"',
        `volumes: [{name: hidden, secret: {token: ${content}}}]`,
      ].join('\n'),
    );
    assert.match(log, /^\*\*\*13$/m);
  });

  test('values, secret values and secrets', async () => {
    const log = await succeeds(
      [
        'secrets: [{id: pass, keyvault: "https://v.vault.azure.net/secrets/pass"}]',
        'steps:',
        '  - cmd: box echo {{.Values.who}} {{.Values.hidden}} {{.Secrets.pass}}',
      ].join('\n'),
      ['--set', 'who=me', '--set-secret', 'hidden=set-secret', '--secret', 'pass'],
      {},
      { pass: 'vault-secret' },
    );
    assert.match(log, /^me \*\*\* \*\*\*$/m);
  });

  test('tries, repetitions and ignored errors', async () => {
    const count = 'echo x >> tries; test $(wc -l < tries) -ge 3';
    const retried = await succeeds(
      `steps:\n  - retries: 2\n    retryDelay: 1\n    cmd: box sh -c "${count}"\n`,
    );
    assert.equal(retried.match(/Launching container/g)?.length, 3);
    assert.match(retried, /Container failed during run: acb_step_0, waiting 1 seconds before retrying/);
    const only = `steps:\n  - retries: 5\n    retryDelay: 1\n    retryOnErrors: [again]\n    cmd: box sh -c "echo x >> n; test $(wc -l < n) -ge 2 || echo again; exit 4"\n`;
    assert.equal((await fails(only)).match(/Launching container/g)?.length, 2);
    const repeated = await succeeds('steps:\n  - repeat: 2\n    cmd: box echo round\n');
    assert.equal(repeated.match(/^round$/gm)?.length, 3);
    const ignored = await succeeds(
      'steps:\n  - ignoreErrors: true\n    cmd: box sh -c "exit 9"\n  - cmd: box echo after\n',
    );
    assert.match(ignored, /is set to ignore errors/);
    assert.match(ignored, /^after$/m);
  });

  test('a failure stops what runs beside it, and the last line says why', async () => {
    const startedAt = Date.now();
    const log = await fails(
      'steps:\n  - id: sleeper\n    when: ["-"]\n    cmd: box sleep 600\n  - id: broken\n    when: ["-"]\n    cmd: box sh -c "sleep 1; exit 7"\n  - id: never\n    cmd: box echo never\n',
    );
    assert.ok(Date.now() - startedAt < 60_000);
    assert.match(log, /failed to run step ID: broken: exit status 7/);
    assert.match(log, /Run ID: local failed after \d+s\. Error: failed during run, err: exit status 7$/m);
    assert.doesNotMatch(log, /^never$/m);
  });

  test('a timeout ends a step', async () => {
    const log = await fails('steps:\n  - timeout: 1\n    cmd: box sleep 600\n');
    assert.match(log, /err: timed out after 1 seconds/);
  });

  test('steps for an exit code', async () => {
    const log = await fails(
      [
        'steps:',
        '  - id: first',
        '    cmd: box sh -c "exit 3"',
        '  - id: handler',
        '    when: [first]',
        '    exitedWith: [3]',
        '    cmd: box echo handled',
        '  - id: other',
        '    when: [first]',
        '    exitedWith: [4]',
        '    cmd: box echo other',
      ].join('\n'),
    );
    assert.match(log, /^handled$/m);
    assert.doesNotMatch(log, /^other$/m);
    assert.match(log, /err: exit status 3$/m);
  });

  test('privileged steps and the socket of the engine need to be allowed', async () => {
    const privileged = 'steps:\n  - id: p\n    privileged: true\n    cmd: box echo ran\n';
    const refused = await fails(privileged);
    assert.match(refused, /step p is privileged, which is not allowed here.*--allow-privileged/);
    assert.doesNotMatch(refused, /^ran$/m);
    // An engine that is a container itself may be unable to do it; that it was asked to is what counts.
    const { stdout } = await exec(privileged, ['--allow-privileged']);
    assert.match(stdout, /^ran$|unable to apply caps/m);
    assert.match(await fails('steps:\n  - network: host\n    cmd: box true\n'), /wants the network host/);
    const socket =
      'steps:\n  - cmd: box sh -c "test -S /var/run/docker.sock || { echo no /var/run/docker.sock; exit 1; }"\n';
    assert.match(await fails(socket), /whose socket steps do not have here/);
    await succeeds(socket, ['--allow-docker-socket']);
    await succeeds(socket, [], {}, { SLIPWAY_ALLOW_DOCKER_SOCKET: '1' });
  });

  test('the source is left as it is, unless the steps are to work in it', async () => {
    const context = await makeContext(busyboxBase, { 'acb.yaml': `steps:\n  - cmd: ${box} touch made\n` });
    const run = async (...args: string[]): Promise<void> => {
      const [program = '', ...rest] = slipwayCommand(['exec', ...args, context.directory]);
      const { code, stdout, stderr } = await command(program, rest);
      assert.equal(code, 0, stdout + stderr);
    };
    const isMade = (): Promise<boolean> =>
      access(path.join(context.directory, 'made')).then(
        () => true,
        () => false,
      );
    await run();
    assert.equal(await isMade(), false);
    await run('--in-place');
    assert.equal(await isMade(), true);
    assert.match(await readFile(path.join(context.directory, 'Dockerfile'), 'utf8'), /busybox/);
    await context.remove();
  });

  test('lines of steps that run at the same time do not mix', async () => {
    const ids = ['a', 'b', 'c'];
    const task = ids.map(
      (id) =>
        `  - id: ${id}\n    when: ["-"]\n    cmd: box sh -c "for i in $(seq 300); do echo -n ${id}${id}; echo ${id}${id}; done"`,
    );
    const log = await succeeds(`steps:\n${task.join('\n')}\n`);
    for (const id of ids) assert.equal(log.split('\n').filter((line) => line === id.repeat(4)).length, 300);
  });

  test('interrupted: everything stops within seconds and nothing is left', async () => {
    const marker = `interrupted-${process.pid}`;
    const context = await makeContext(busyboxBase, {
      'acb.yaml': `steps:\n  - id: web\n    detach: true\n    cmd: ${box} sleep 600\n  - cmd: ${box} sh -c "echo begun ${marker}; sleep 600"\n`,
    });
    const [program = '', ...args] = slipwayCommand(['exec', context.directory]);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await until('the step is under way', () => log.includes(`begun ${marker}`) || undefined);
    const names = (
      await must(docker, ['ps', '--filter', `ancestor=${box}`, '--format', '{{.Label "slipway.run"}}'])
    )
      .split('\n')
      .filter((name) => name !== '');
    assert.ok(names.length >= 2);
    const exited = once(child, 'exit');
    const startedAt = Date.now();
    child.kill('SIGINT');
    assert.deepEqual(await exited, [1, null]);
    assert.ok(Date.now() - startedAt < 10_000);
    assert.match(log, /Run ID: local was canceled after/);
    assert.equal(await leftOn(`slipway.run=${names[0]}`), '');
    await context.remove();
  });
});
