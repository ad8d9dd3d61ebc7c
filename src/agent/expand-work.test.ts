import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import type { DockerBuildWork } from '../protocol/index.ts';
import { expandWork } from './expand-work.ts';

const work: DockerBuildWork = {
  kind: 'dockerBuild',
  dockerFilePath: '{{.Run.Branch}}.Dockerfile',
  images: ['localhost:5001/app:{{.Run.Commit}}'],
  isPushEnabled: true,
  noCache: false,
  target: undefined,
  arguments: [
    { name: 'a', value: '{{.Run.Commit}}', isSecret: false },
    { name: 'b', value: '{{.Run.Commit}}', isSecret: true },
  ],
};

test('the commit and the branch of the source are put into the work, but not into secrets', () => {
  assert.deepEqual(expandWork(work, { commit: 'abc', branch: 'main' }), {
    ...work,
    dockerFilePath: 'main.Dockerfile',
    images: ['localhost:5001/app:abc'],
    arguments: [{ name: 'a', value: 'abc', isSecret: false }, work.arguments[1]],
  });
});

for (const [source, expected] of [
  [{}, /Run\.Branch.*is there only when the source is the branch of a git repository/],
  [{ commit: 'abc' }, /Run\.Branch.*the branch of a git repository/],
  [{ branch: 'main' }, /Run\.Commit.*when the source is a git repository/],
] as const) {
  test(`a source with ${JSON.stringify(source)} is not enough`, () => {
    assert.throws(
      () => expandWork(work, source),
      (error) => error instanceof ServiceError && expected.test(error.message),
    );
  });
}
