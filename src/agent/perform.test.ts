import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { findDockerCli, openEngine } from '../engine/index.ts';
import { Secret, type StepState } from '../model/index.ts';
import type { Task } from '../taskfile/index.ts';
import { performRun, type Performance } from './perform.ts';
import { openRunLog } from './run-log.ts';
import { cmdStep } from './task/testing.ts';

const hidden = 'hidden-value-4711';

/** Performs a task of these steps whose log must not show `hidden`. */
async function perform(
  t: TestContext,
  steps: Task['steps'],
): Promise<{ result: Performance; states: StepState[]; log: string }> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-perform-'));
  t.after(() => rm(directory, { recursive: true }));
  const states: StepState[] = [];
  const written: Buffer[] = [];
  const sink = { write: async (bytes: Buffer) => void written.push(Buffer.from(bytes)), end: async () => {} };
  const result = await performRun(
    {
      engine: openEngine({ dockerCli: await findDockerCli(process.env) }),
      log: openRunLog(sink, [new Secret(hidden)]),
      ...{ instanceId: 'perform-test', directory, sourceLimits: {}, cacheName: 'quickrun' },
      limits: { group: 'perform-test', onUnlimited() {} },
      allowances: { isPrivilegedAllowed: false, isDockerSocketAllowed: false },
      maxParallelSteps: 1,
      fetchSource: async (contextDirectory) => ({ contextDirectory }),
      readTask: async () => ({ version: 'v1.1.0', steps, networks: [], volumes: [], secrets: [] }),
      onStep: (state) => void states.push(state),
      afterwards: (work) => t.after(work),
    },
    {
      ...{ runKey: 1, runId: 'ca1', attempt: 1, timeoutSeconds: 60, limits: {}, logins: [] },
      platform: { os: 'Linux', architecture: 'amd64' },
    },
    new AbortController().signal,
  );
  return { result, states, log: Buffer.concat(written).toString() };
}

test('messages of failures show no secret, and are no longer than the server takes', async (t) => {
  const image = `localhost:1/${hidden}/${'long'.repeat(50)}`;
  const { result, states, log } = await perform(t, [cmdStep('pull', { image, network: 'none' })]);
  const message = states.at(-1)?.errorMessage ?? '';
  for (const text of [result.errorMessage ?? '', message, log]) {
    assert.match(text, /failed to pull localhost:1\/\*\*\*\//);
    assert.equal(text.includes(hidden), false);
  }
  const { result: other } = await perform(t, [cmdStep('a', { network: `container:${'x'.repeat(20_000)}` })]);
  assert.equal(other.status, 'Failed');
  assert.equal(other.errorMessage?.length, 4096);
});
