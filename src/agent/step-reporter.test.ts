import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepsRequest } from '../protocol/index.ts';
import type { Connection } from './connection.ts';
import { openStepReporter } from './step-reporter.ts';

test('many steps go in messages that the server takes, each once', async () => {
  const sent: StepsRequest[] = [];
  const connection = {
    steps: async (_runKey: number, request: StepsRequest) => void sent.push(request),
  } as unknown as Connection; // nothing else of it is used
  const reporter = openStepReporter(connection, { runKey: 1, attempt: 1 }, new AbortController().signal);
  for (let number = 0; number < 2500; number += 1) {
    reporter.report({ stepId: `${number}`, kind: 'cmd', status: 'Pending', dependsOn: [], attempts: 0 });
  }
  await reporter.end();
  assert.deepEqual(
    sent.map(({ steps }) => steps.length),
    [1000, 1000, 500],
  );
  assert.equal(new Set(sent.flatMap(({ steps }) => steps.map(({ stepId }) => stepId))).size, 2500);
});
