import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../../engine/index.ts';
import { scanDockerfile } from '../../taskfile/index.ts';
import { describeBuild } from './dependencies.ts';

const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

test('each image has the digest of its own registry, and one that is pinned has no tag', async () => {
  const dockerfile = [
    `FROM one.example.org/base:v1 AS one`,
    `FROM one.example.org/base:v2@${digestOf('3')} AS two`,
    `FROM base:v1`,
  ].join('\n');
  const output = [
    `#4 [one 1/1] FROM one.example.org/base:v1@${digestOf('1')}`,
    `#5 [stage-2 1/1] FROM docker.io/library/base:v1@${digestOf('2')}`,
  ].join('\n');
  const engine = { resolveDigest: async () => undefined } as unknown as Engine; // all that is asked for
  const built = { scanned: scanDockerfile(dockerfile), output, commit: undefined };
  const [found] = await describeBuild(engine, built, ['local/app:v1'], new Map());
  assert.deepEqual(found?.runtime, {
    registry: 'registry.hub.docker.com',
    repository: 'library/base',
    tag: 'v1',
    digest: digestOf('2'),
  });
  assert.deepEqual(found.buildtime, [
    { registry: 'one.example.org', repository: 'base', tag: 'v1', digest: digestOf('1') },
    { registry: 'one.example.org', repository: 'base', digest: digestOf('3') },
  ]);
});
