import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  agentApiPrefix,
  protocolVersion,
  type RunAssignment,
  type StepsRequest,
} from '../../src/protocol/index.ts';
import type { Answer } from './arm.ts';
import type { TestServer } from './server.ts';

/** An agent that performs nothing: it says what a test wants it to say. */
export interface PlainAgent {
  /** The next run of the default pool. */
  claim(): Promise<RunAssignment>;
  post(path: string, body: object): Promise<Answer>;
  steps(run: RunAssignment, steps: StepsRequest['steps']): Promise<Answer>;
  complete(run: RunAssignment, status: string): Promise<Answer>;
  /** As an agent that ends in good order: its run is queued again. */
  leave(): Promise<void>;
}

export async function joinPlainAgent(server: TestServer): Promise<PlainAgent> {
  const joinToken = (await readFile(path.join(server.data, 'agent.token'), 'utf8')).trim();
  const call = async (place: string, token: string, body: object): Promise<Answer> => {
    const response = await server.http.request(`${server.url}${agentApiPrefix}${place}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  const joined = await call('/register', joinToken, {
    protocolVersion,
    name: 'plain',
    instanceId: randomUUID(),
    pool: 'default',
    os: 'linux',
    architecture: 'amd64',
    deadInstanceIds: [],
  });
  assert.equal(joined.status, 200, JSON.stringify(joined.body));
  const { agentToken } = joined.body as { agentToken: string };
  const post: PlainAgent['post'] = (place, body) => call(place, agentToken, body);
  return {
    post,
    async claim() {
      const claimed = await post('/claim', {});
      assert.equal(claimed.status, 200, 'no run waits');
      return claimed.body as RunAssignment;
    },
    steps: ({ runKey, attempt }, steps) => post(`/runs/${runKey}/steps`, { attempt, steps }),
    complete: ({ runKey, attempt }, status) =>
      post(`/runs/${runKey}/complete`, { attempt, status, outputImages: [], dependencies: [] }),
    async leave() {
      assert.equal((await post('/deregister', {})).status, 204);
    },
  };
}
