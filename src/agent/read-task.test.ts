import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import type { TaskFileWork } from '../protocol/index.ts';
import { readWorkTask } from './read-task.ts';

test('a task file does not make the agent ask for any number of files', async () => {
  const sources = Array.from({ length: 21 }, (_, index) => `    - https://localhost:1/${index}`);
  const text = ['version: v1.1.0', 'alias:', '  src:', ...sources, 'steps: []'].join('\n');
  const work: TaskFileWork = {
    kind: 'taskFile',
    taskFile: { kind: 'text', text },
    valuesFile: undefined,
    values: [],
    cacheName: 'quickrun',
  };
  const variables = {
    ...{ ID: 'ca1', TaskName: 't', Registry: 'r.localhost', RegistryName: 'r', Date: '', OS: 'linux' },
    ...{ Architecture: 'amd64', TriggeredBy: '' },
  };
  const deps = {
    ...{ sourceDirectory: os.tmpdir(), variables, imageAliases: {} },
    resolveSecrets: async () => ({}),
    onSecrets() {},
  };
  const error = { code: 'InvalidTaskFile', message: /21 alias sources; it may have at most 20/ };
  await assert.rejects(readWorkTask(deps, work, new AbortController().signal), error);
});
