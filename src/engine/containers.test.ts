import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ContainerFailed } from './container-failed.ts';
import type { ContainerEnd, ContainerOptions } from './containers.ts';
import type { Engine } from './engine.ts';
import { collector, docker, importBusybox, openTestEngine, ownName, shell } from './testing.ts';

describe('containers', () => {
  let engine: Engine;
  let busybox: Awaited<ReturnType<typeof importBusybox>>;
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

  test('a slow reader makes the container wait: memory stays flat and no byte is lost', async (t) => {
    const sizeBytes = 150 * 1024 * 1024;
    let bytes = 0;
    let peak = 0;
    const before = process.memoryUsage().rss;
    const name = ownName(t, engine);
    const script = `head -c ${sizeBytes} /dev/zero`;
    const { exitCode } = await engine.runContainer({
      ...shell(busybox.image, name, script),
      isKept: false,
      signal: never,
      onOutput: async (chunk) => {
        const isFirst = bytes === 0;
        bytes += chunk.length;
        if (isFirst) await delay(1500); // all that can run ahead has done so by then
        peak = Math.max(peak, process.memoryUsage().rss);
      },
    });
    assert.deepEqual([exitCode, bytes], [0, sizeBytes]);
    assert.ok(peak - before < 80 * 1024 * 1024, `memory grew by ${peak - before} bytes`);
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
});
