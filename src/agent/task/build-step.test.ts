import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import Docker from 'dockerode';
import { findDockerCli, openEngine } from '../../engine/index.ts';
import type { BuildStep } from '../../taskfile/index.ts';
import { openRunLog } from '../run-log.ts';
import { prepareBuild } from './build-step.ts';
import { createBuiltImages } from './find-image.ts';
import { cmdStep } from './testing.ts';

test('a container that leads the context elsewhere meanwhile has no part in the build', async (t) => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-build-step-'));
  t.after(() => rm(directory, { recursive: true }));
  const context = path.join(directory, 'source', 'app');
  const outside = path.join(directory, 'outside');
  for (const [each, owner] of [
    [context, 'run'],
    [outside, 'machine'],
  ] as const) {
    await mkdir(each, { recursive: true });
    await writeFile(path.join(each, 'Dockerfile'), `FROM scratch\nCOPY Dockerfile /\nLABEL of=${owner}\n`);
  }
  const image = `localhost/slipway-build-step-${process.pid}:v1`;
  const step: BuildStep = {
    ...cmdStep('build'),
    kind: 'build',
    isCacheEnabled: false,
    command: {
      ...{ context: 'app', tags: [image], buildArguments: [], isCacheIgnored: true, isPulled: false },
      ...{ secrets: [], cacheFrom: [], cacheTo: [], labels: [], addHosts: [], otherFlags: [] },
    },
  };
  const deps = {
    run: {
      engine: openEngine({ dockerCli: await findDockerCli(process.env) }),
      log: openRunLog({ write: async () => {}, end: async () => {} }, []),
      ...{ name: 'build-step-test', instanceId: 'build-step-test', directory, cacheName: 'quickrun' },
      ...{ sourceDirectory: path.join(directory, 'source'), sourceLimits: {}, logins: [] },
      allowances: { isPrivilegedAllowed: false, isDockerSocketAllowed: false },
      maxParallelSteps: 1,
      onStep() {},
      onWorkspaceDone() {},
      afterwards: (work: () => Promise<void>) => t.after(work),
    },
    ...{ networks: new Map(), built: createBuiltImages(), builds: new Map(), pushed: new Map() },
    ...{ detached: [], index: 0, hasNeighbours: true, output: { write() {}, flush() {} } },
  };
  const { signal } = new AbortController();
  const attempt = await prepareBuild(deps, step, signal);
  await rm(context, { recursive: true });
  await symlink(outside, context);
  await attempt(1, { add() {}, text: () => '' }, signal);
  const { Config: config } = await new Docker().getImage(image).inspect();
  assert.deepEqual(config.Labels, { of: 'run' });
});
