import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { startEngine } from '../src/engine/testing-servers.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { slipwayCommand, TestServer } from './support/server.ts';

const obstacle = process.getuid?.() === 0 ? false : 'an engine of its own needs root';

/** An agent of the default pool on an engine that has nothing. @returns what ends it. */
async function startAgent(t: TestContext, server: TestServer, name: string): Promise<() => Promise<void>> {
  const host = await startEngine(t);
  const args = ['agent', '--server', server.url, '--ca', path.join(server.data, 'tls', 'ca.pem')];
  args.push('--token-file', path.join(server.data, 'agent.token'), '--name', name);
  const [program = '', ...rest] = slipwayCommand([
    ...args,
    ...['--work-directory', path.join(server.directory, name), '--until-stdin-closes', '--allow-privileged'],
  ]);
  const log = createWriteStream(path.join(server.directory, `${name}.log`));
  await once(log, 'open');
  const child = spawn(program, rest, {
    stdio: ['pipe', log, log],
    env: { ...process.env, DOCKER_HOST: host },
  });
  const exited = once(child, 'exit');
  t.after(() => child.kill('SIGKILL')); // when the test has failed before
  return async () => {
    child.stdin.end();
    await exited;
  };
}

test(
  'cache: enabled: an engine that has nothing takes the layers from the registry',
  { skip: obstacle },
  async (t) => {
    const server = await TestServer.start();
    t.after(() => server.stop());
    const mark = randomUUID();
    const context = await makeContext(`${busyboxBase}\nRUN echo ${mark} > /made\nCOPY late /late\n`, {
      late: '1',
      'task.yaml': [
        'version: v1.1.0',
        'steps:',
        '  - id: build',
        '    cache: enabled',
        '    build: --network host -t $Registry/team/app:$ID .',
        '  - push: ["$Registry/team/app:$ID"]',
      ].join('\n'),
    });
    t.after(() => context.remove());
    const run = async (): Promise<string> => {
      const { code, stdout, stderr } = await server.slipway(['run', '-f', 'task.yaml', context.directory]);
      assert.equal(code, 0, stdout + stderr);
      return stdout;
    };
    const endFirst = await startAgent(t, server, 'first');
    const first = await run();
    await endFirst();
    const isCached = new RegExp(`^(#\\d+) .*RUN echo ${mark} .*\\s+\\1 sha256:\\w+\\s+\\1 CACHED\\s*$`, 'm');
    assert.doesNotMatch(first, isCached);
    assert.match(first, /cache_quickrun_build/);

    const endSecond = await startAgent(t, server, 'second');
    const second = await run();
    await endSecond();
    assert.match(second, isCached);
  },
);
