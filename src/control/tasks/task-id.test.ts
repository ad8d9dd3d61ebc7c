import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../model/index.ts';
import { testRegistry as registry } from './testing.ts';
import { taskNameIn, taskResourceId } from './task-id.ts';

const id = taskResourceId(registry, 'build-app');

for (const taskId of [id, id.toLowerCase(), id.toUpperCase()]) {
  test(`${taskId} is a task of the registry`, () => {
    assert.equal(taskNameIn(registry, taskId).toLowerCase(), 'build-app');
  });
}

for (const [name, taskId, expected] of [
  ['a name alone', 'build-app', /must be the resource ID of a task/],
  ['the id of a run', id.replace('/tasks/', '/runs/'), /must be the resource ID of a task/],
  ['more below the task', `${id}/details`, /must be the resource ID of a task/],
  ['a name that no task has', taskResourceId(registry, 'no.name'), /must be the resource ID of a task/],
  [
    'a task of another registry',
    taskResourceId({ ...registry, name: 'other' }, 'build-app'),
    /of this registry/,
  ],
  [
    'a task of another group',
    taskResourceId({ ...registry, resourceGroupName: 'g2' }, 'build-app'),
    /of this registry/,
  ],
] as const) {
  test(`${name} is refused`, () => {
    assert.throws(
      () => taskNameIn(registry, taskId),
      (error) =>
        error instanceof ServiceError &&
        error.statusCode === 400 &&
        error.target === 'taskId' &&
        error.message.includes(JSON.stringify(taskId)) &&
        expected.test(error.message),
    );
  });
}
