import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { formatDependencies } from './index.ts';

const image = { registry: 'localhost:5001', repository: 'app', tag: 'v1', digest: 'sha256:aa' };
const alpine = { registry: 'registry.hub.docker.com', repository: 'library/alpine', tag: '3' };
const golang = { registry: 'registry.hub.docker.com', repository: 'library/golang', tag: '1' };
const node = { ...golang, repository: 'library/node', digest: 'sha256:bb' };

test('a build without images says nothing', () => {
  assert.deepEqual(formatDependencies([]), []);
});

test('the report reads as clients know it', () => {
  const lines = formatDependencies([
    { image, runtime: alpine, buildtime: [golang], git: { commit: 'c0ffee' } },
  ]);
  assert.equal(
    lines.join('\n'),
    `The following dependencies were found:

- image:
    registry: localhost:5001
    repository: app
    tag: v1
    digest: sha256:aa
  runtime-dependency:
    registry: registry.hub.docker.com
    repository: library/alpine
    tag: 3
  buildtime-dependency:
  - registry: registry.hub.docker.com
    repository: library/golang
    tag: 1
  git:
    git-head-revision: c0ffee`,
  );
});

test('it is YAML, with every image and dependency in it', () => {
  const second = { ...image, repository: 'other' };
  const lines = formatDependencies([
    { image, buildtime: [golang, node] },
    { image: second, runtime: node, buildtime: [] },
  ]);
  const hub = 'registry.hub.docker.com';
  assert.deepEqual(parse(lines.slice(2).join('\n')), [
    {
      image,
      'buildtime-dependency': [
        { registry: hub, repository: 'library/golang', tag: 1 },
        { registry: hub, repository: 'library/node', tag: 1, digest: 'sha256:bb' },
      ],
      git: {},
    },
    {
      image: second,
      'runtime-dependency': { registry: hub, repository: 'library/node', tag: 1, digest: 'sha256:bb' },
      git: {},
    },
  ]);
});
