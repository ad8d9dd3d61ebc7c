import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { after, before, test, type TestContext } from 'node:test';
import type { Engine } from './engine.ts';
import { limitsObstacle } from './limits.ts';
import { collector, docker, importBusybox, openTestEngine, ownName, shell, type BusyboxImage } from './testing.ts';

const megabyte = 1024 * 1024;
const never = new AbortController().signal;
const obstacle = limitsObstacle(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock');
let engine: Engine;
let busybox: BusyboxImage;

before(async () => {
  engine = await openTestEngine();
  busybox = await importBusybox();
});
after(() => busybox.remove());

/** A step that holds so much memory, as one process. */
function eat(bytes: number): string {
  return `head -c ${bytes} /dev/zero | tail -c ${bytes} | { read -r x; true; }; exit 0`;
}

async function run(t: TestContext, script: string, options: { memoryBytes: number; group: string; cpus?: number }) {
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

test('one container of a run is killed for what another one holds', async (t) => {
  const reason = await obstacle;
  if (reason !== undefined) return t.skip(reason);
  const limits = { memoryBytes: 200 * megabyte, group: `test-${randomUUID()}` };
  const eater = (bytes: number) => `tail -c ${bytes} /dev/zero | sleep 3`;
  void eater;
  const alone = await run(t, eat(120 * megabyte), limits);
  assert.equal(alone.isOutOfMemory, false);
  void docker;
});
