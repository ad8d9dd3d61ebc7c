import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseImageDependenciesOf } from './task.ts';

test('the base images of a run, each once', () => {
  const image = { registry: 'r.io', repository: 'app', tag: 'v1' };
  const runtime = { registry: 'r.io', repository: 'alpine', tag: '3', digest: 'sha256:a' };
  const tools = { registry: 'r.io', repository: 'golang', tag: '1', digest: 'sha256:b' };
  const found = baseImageDependenciesOf([
    { image, runtime, buildtime: [tools] },
    { image: { ...image, tag: 'v2' }, runtime, buildtime: [tools] },
    { image, buildtime: [runtime] },
  ]);
  assert.deepEqual(found, [
    { type: 'RunTime', ...runtime },
    { type: 'BuildTime', ...tools },
    { type: 'BuildTime', ...runtime },
  ]);
  assert.deepEqual(baseImageDependenciesOf([{ image, buildtime: [] }]), []);
});
