import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ContainerFailed } from './container-failed.ts';
import type { ContainerEnd, ContainerOptions } from './containers.ts';
import type { Engine } from './engine.ts';
import {
  collector,
  docker,
  importBusybox,
  type BusyboxImage,
  openTestEngine,
  ownName,
  shell,
} from './testing.ts';

describe('containers', () => {
  let engine: Engine;
  let busybox: BusyboxImage;
  const never = new AbortController().signal;

  before(async () => {
    engine = await openTestEngine();
    busybox = await importBusybox();
  });
  after(() => busybox.remove());

  async function run(
    t: TestContext,
    script: string,
    options: Partial<ContainerOptions> = {},
  ): Promise<ContainerEnd & { output: string }> {
    const { onOutput, text } = collector();
    const name = ownName(t, engine);
    const given = { ...shell(busybox.image, name, script), ...options };
    const end = await engine.runContainer({ ...given, isKept: false, onOutput, signal: never });
    return { ...end, output: text() };
  }

  async function fails(t: TestContext, options: Partial<ContainerOptions>): Promise<ContainerFailed> {
    try {
      await run(t, 'true', options);
    } catch (error) {
      if (error instanceof ContainerFailed) return error;
      throw error;
    }
    throw new assert.AssertionError({ message: 'the container was started' });
  }

  test('stdout and stderr each come whole and in order, and the exit code with them', async (t) => {
    const script = 'for i in $(seq 200); do echo out $i; echo err $i >&2; done; exit 7';
    const { exitCode, isOutOfMemory, output } = await run(t, script);
    assert.deepEqual([exitCode, isOutOfMemory], [7, false]);
    const lines = (stream: string) => Array.from({ length: 200 }, (_, index) => `${stream} ${index + 1}`);
    const printed = output.trim().split('\n');
    for (const stream of ['out', 'err']) {
      assert.deepEqual(
        printed.filter((line) => line.startsWith(stream)),
        lines(stream),
      );
    }
  });

  test('a slow reader makes the container wait: little waits in memory and no byte is lost', async (t) => {
    const sizeBytes = 150 * 1024 * 1024;
    let bytes = 0;
    let held = 0;
    const before = process.memoryUsage().arrayBuffers;
    const name = ownName(t, engine);
    const script = `head -c ${sizeBytes} /dev/zero`;
    const { exitCode } = await engine.runContainer({
      ...shell(busybox.image, name, script),
      isKept: false,
      signal: never,
      onOutput: async (chunk) => {
        const isFirst = bytes === 0;
        bytes += chunk.length;
        if (!isFirst) return;
        await delay(1500); // all that can run ahead has done so by then
        held = process.memoryUsage().arrayBuffers - before;
      },
    });
    assert.deepEqual([exitCode, bytes], [0, sizeBytes]);
    assert.ok(held < sizeBytes / 2, `${held} bytes waited for the reader`);
  });

  test('what a container printed before its end is read to the last byte, however late', async (t) => {
    const sizeBytes = 3 * 1024 * 1024;
    let bytes = 0;
    const name = ownName(t, engine);
    await engine.runContainer({
      ...shell(busybox.image, name, `head -c ${sizeBytes} /dev/zero`),
      isKept: false,
      signal: never,
      onOutput: async (chunk) => {
        if (bytes === 0) await delay(6000); // longer than engines wait for readers after the end
        bytes += chunk.length;
      },
    });
    assert.equal(bytes, sizeBytes);
  });

  for (const [name, options, exitCode, message] of [
    [
      'an image that is not there',
      { image: 'slipway-test-no:such' },
      125,
      /No such image: slipway-test-no:such$/,
    ],
    [
      'a command that is not there',
      { command: ['nothing-like-it'] },
      127,
      /: exec: "nothing-like-it": executable file not found in \$PATH$/,
    ],
    ['a file that is not executable', { command: ['/etc/not-executable'] }, 126, /permission denied$/],
    ['an entry point that is not there', { entryPoint: '/no/such' }, 127, /no such file or directory$/],
    ['a mount of nothing', { mounts: [{ target: '/x', directory: '/no/such' }] }, 125, /does not exist/],
  ] as const) {
    test(`${name} is the step's own failure, in the engine's words`, async (t) => {
      const error = await fails(t, options);
      assert.deepEqual([error.statusCode, error.code, error.exitCode], [400, 'ContainerFailed', exitCode]);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /HTTP code|OCI runtime/);
    });
  }

  test('a port that is taken is named', async (t) => {
    const name = ownName(t, engine);
    const labels = { 'slipway.test': name };
    await engine.createNetwork({ name, labels, driver: 'bridge', hasIpv6: false });
    const listener = { ...shell(busybox.image, `${name}-1`, 'sleep 60'), labels, network: name };
    const options = { onOutput: () => {}, signal: never };
    const first = await engine.startContainer({ ...listener, ports: ['127.0.0.1::80'], ...options });
    const { NetworkSettings } = await docker.getContainer(`${name}-1`).inspect();
    const port = NetworkSettings.Ports['80/tcp']?.[0]?.HostPort;
    assert.match(port ?? '', /^\d+$/);
    const error = await fails(t, { network: name, ports: [`127.0.0.1:${port}:80`] });
    assert.match(error.message, /: Bind for 127.0.0.1:\d+ failed: port is already allocated$/);
    await first.end();
    await assert.rejects(docker.getContainer(`${name}-1`).inspect(), { statusCode: 404 });
  });

  test('entry point, environment, user, directory and mounts are as they are given', async (t) => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-engine-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    await writeFile(path.join(directory, 'in'), 'from outside\n');
    const script = 'cat /data/in; pwd; id -u; echo "$GREETING"; echo inside > out; touch /fixed/x 2>&1; true';
    const { output } = await run(t, '', {
      entryPoint: '/bin/sh',
      command: ['-c', script],
      environment: ['GREETING=hello  world'],
      user: '0:0',
      workingDirectory: '/data',
      mounts: [
        { target: '/data', directory },
        { target: '/fixed', directory, isReadOnly: true },
      ],
    });
    assert.match(output, /^from outside\n\/data\n0\nhello  world\n.*Read-only file system\n$/);
    assert.equal(await readFile(path.join(directory, 'out'), 'utf8'), 'inside\n');
  });

  test('containers of a network reach each other by their aliases', async (t) => {
    const name = ownName(t, engine);
    const labels = { 'slipway.test': name };
    await engine.createNetwork({ name, labels, driver: 'bridge', hasIpv6: false });
    const shared = { labels, network: name };
    const server = collector();
    const started = await engine.startContainer({
      ...shell(busybox.image, `${name}-1`, 'echo ready; while echo hi from db | nc -l -p 80; do :; done'),
      ...shared,
      networkAliases: ['db'],
      onOutput: server.onOutput,
      signal: never,
    });
    const script = 'until nc db 80 </dev/null 2>/dev/null; do sleep 0.1; done';
    const { output } = await run(t, script, shared);
    assert.equal(output, 'hi from db\n');
    await started.end();
    assert.equal(server.text(), 'ready\n');
  });

  test('an abort kills a container that ignores signals, within seconds, and leaves nothing', async (t) => {
    const name = ownName(t, engine);
    const abort = new AbortController();
    const { onOutput, text } = collector();
    const running = engine.runContainer({
      ...shell(busybox.image, name, 'trap "" TERM INT; echo begun; while :; do sleep 1; done'),
      isKept: true,
      signal: abort.signal,
      onOutput: (chunk) => {
        onOutput(chunk);
        abort.abort(new Error('canceled'));
        return new Promise(() => {}); // a reader that never comes back does not hold it up
      },
    });
    const deadline = AbortSignal.timeout(15_000);
    await assert.rejects(Promise.race([running, abortOf(deadline)]), /^Error: canceled$/);
    assert.equal(text(), 'begun\n');
    await assert.rejects(docker.getContainer(name).inspect(), { statusCode: 404 });
  });

  test('a container that is kept stays until its label is removed, and nothing else is touched', async (t) => {
    const name = ownName(t, engine);
    const other = ownName(t, engine);
    const kept = { isKept: true, onOutput: () => {}, signal: never };
    await engine.runContainer({ ...shell(busybox.image, name, 'true'), ...kept });
    await engine.runContainer({ ...shell(busybox.image, other, 'true'), ...kept });
    const labels = { 'slipway.test': name };
    await engine.createNetwork({ name, labels, driver: 'bridge', hasIpv6: true });
    const running = shell(busybox.image, `${name}-2`, 'sleep 600');
    await engine.startContainer({
      ...{ ...running, labels, network: name, mounts: [{ target: '/v', volume: name }] },
      ...kept,
    });
    await Promise.all([1, 2].map(() => engine.removeLabelled('slipway.test', name)));
    for (const each of [docker.getContainer(name), docker.getContainer(`${name}-2`)]) {
      await assert.rejects(each.inspect(), { statusCode: 404 });
    }
    await assert.rejects(docker.getNetwork(name).inspect(), { statusCode: 404 });
    await assert.rejects(docker.getVolume(name).inspect(), { statusCode: 404 });
    assert.equal((await docker.getContainer(other).inspect()).State.Status, 'exited');
  });
});

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
