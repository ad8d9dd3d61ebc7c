import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { after, before, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';
import { limitsObstacle, withLimits } from './limits.ts';
import { createRunGroups } from './run-groups.ts';
import { collector, importBusybox, openTestEngine, ownName, shell, type BusyboxImage } from './testing.ts';

const megabyte = 1024 * 1024;
const never = new AbortController().signal;
const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
const obstacle = limitsObstacle(host);
let engine: Engine;
let busybox: BusyboxImage;

before(async () => {
  engine = await openTestEngine();
  busybox = await importBusybox();
});
after(() => busybox.remove());

/** Holds so much memory for a while. */
function hold(bytes: number, seconds: number): string {
  return `(head -c ${bytes} /dev/zero; sleep ${seconds}) | tail -c ${bytes} >/dev/null`;
}

async function run(
  t: TestContext,
  script: string,
  options: { memoryBytes: number; group: string; cpus?: number },
) {
  const { memoryBytes, group, ...others } = options;
  const limits = { memoryBytes, group, onUnlimited: (reason: string) => assert.fail(reason) };
  const { onOutput, text } = collector();
  const container = { ...shell(busybox.image, ownName(t, engine), script), limits, ...others };
  const end = await engine.runContainer({ ...container, isKept: false, onOutput, signal: never });
  return { ...end, output: text() };
}

test('a container that takes more memory than its run has is killed, and says why', async (t) => {
  const group = `test-${randomUUID()}`;
  const script = `exec tail -c ${200 * megabyte} /dev/zero`;
  const end = await run(t, script, { memoryBytes: 64 * megabyte, group });
  assert.deepEqual([end.exitCode, end.isOutOfMemory], [137, true]);
});

test('containers of one run share its limits; the group goes with the last of them', async (t) => {
  const reason = await obstacle;
  if (reason !== undefined) return t.skip(reason);
  const group = `test-${randomUUID()}`;
  const limits = { memoryBytes: 300 * megabyte, group };
  const show = 'cat /proc/self/cgroup; sleep 1';
  const ends = await Promise.all([1, 2].map(() => run(t, show, limits)));
  for (const { output } of ends) assert.match(output, new RegExp(`/slipway/${group}/[0-9a-f]{64}\\n`));
  for (const tree of ['/sys/fs/cgroup', '/sys/fs/cgroup/memory', '/sys/fs/cgroup/pids']) {
    await assert.rejects(access(`${tree}/slipway/${group}`), { code: 'ENOENT' });
  }
});

test('what containers of a run hold together counts', async (t) => {
  const reason = await obstacle;
  if (reason !== undefined) return t.skip(reason);
  const limits = { memoryBytes: 200 * megabyte, group: `test-${randomUUID()}` };
  const alone = await run(t, hold(120 * megabyte, 0), limits);
  assert.deepEqual([alone.exitCode, alone.isOutOfMemory], [0, false]);
  const both = await Promise.all([1, 2].map(() => run(t, hold(120 * megabyte, 10), limits)));
  assert.ok(both.some(({ exitCode, isOutOfMemory }) => exitCode === 137 && isOutOfMemory));
});

test('a process of a build that becomes a step late is taken in all the same', async (t) => {
  const reason = await obstacle;
  if (reason !== undefined) return t.skip(reason);
  const group = `test-${randomUUID()}`;
  const limits = { memoryBytes: 64 * megabyte, group, onUnlimited: (why: string) => assert.fail(why) };
  await withLimits(createRunGroups(host), limits, [], async ([argument]) => {
    const mark = argument?.value as string; // given as a plain text
    const step = `until grep -q /slipway/${group} /proc/$$/cgroup; do sleep 0.1; done`;
    const begins = `sleep 1; NO_PROXY=${mark} exec sh -c '${step}'`;
    await promisify(execFile)('sh', ['-c', begins], { timeout: 60_000 });
  });
});
