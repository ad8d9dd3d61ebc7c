import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import type { DockerBuildWork } from '../protocol/index.ts';
import { expandWork } from './expand-work.ts';

const variables = {
  ID: 'ca7',
  TaskName: 'quicktask',
  Registry: 'localhost:5001',
  RegistryName: 'registry1',
  Date: '20261124-034743z',
  OS: 'linux',
  Architecture: 'amd64',
  TriggeredBy: '',
};
const surroundings = { now: new Date(), random: () => 0 };
const work: DockerBuildWork = {
  kind: 'dockerBuild',
  dockerFilePath: '{{.Run.Branch}}.Dockerfile',
  images: ['app:{{.Run.Commit}}', '{{.Run.Registry}}/team/app:{{.Run.ID}}', 'docker.io/app', 'app'],
  isPushEnabled: true,
  noCache: false,
  target: undefined,
  arguments: [
    { name: 'a', value: '{{.Run.Commit}}', isSecret: false },
    { name: 'b', value: '{{.Run.Commit}}', isSecret: true },
  ],
};

test('the values of the run and its source are put into the work, but not into secrets', () => {
  const known = { ...variables, Commit: 'abc', Branch: 'main' };
  assert.deepEqual(expandWork(work, known, surroundings), {
    ...work,
    dockerFilePath: 'main.Dockerfile',
    images: [
      'localhost:5001/app:abc',
      'localhost:5001/team/app:ca7',
      'docker.io/app:latest',
      'localhost:5001/app:latest',
    ],
    arguments: [{ name: 'a', value: 'abc', isSecret: false }, work.arguments[1]],
  });
});

test('an image that needs a commit of a source without one is refused', () => {
  assert.throws(
    () => expandWork(work, variables, surroundings),
    (error) =>
      error instanceof ServiceError &&
      error.statusCode === 400 &&
      /app:\{\{\.Run\.Commit\}\}.*git repository/.test(error.message),
  );
});
