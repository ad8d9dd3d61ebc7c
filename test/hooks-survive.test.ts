import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import {
  hookRequest,
  pullRequestPayload,
  pushPayload,
  type ChangedPullRequest,
} from '../src/forges/testing.ts';
import { ArmClient } from './support/arm.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

const events = 1000;
const kills = 10;
const senders = 8;
const repositoryUrl = 'https://forge.example.com/acme/app.git';

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let database: pg.Client;
let server: TestServer;

before(async () => {
  postgres = await startPostgres();
  const env = { SLIPWAY_MASTER_KEY: randomBytes(32).toString('base64') };
  server = await TestServer.start({ databaseUrl: postgres.url, env, args: ['--fork-pull-requests', 'run'] });
  database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
});
after(() =>
  stopAll(
    () => database.end(),
    () => server.stop(),
    () => postgres.stop(),
  ),
);

/** No agents: the runs stay queued. */
test(`${events} events, sent twice and in disorder while the server is killed ${kills} times: each has one run`, async () => {
  const arm = await ArmClient.connect(server);
  const task = `${arm.registryPath}/tasks/surviving`;
  const { status } = await arm.call('PUT', task, {
    location: 'local',
    properties: {
      platform: { os: 'linux' },
      step: { type: 'Docker', contextPath: `${repositoryUrl}#main`, dockerFilePath: 'Dockerfile' },
      trigger: {
        sourceTriggers: [
          {
            name: 'source',
            sourceTriggerEvents: ['commit', 'pullrequest'],
            sourceRepository: { sourceControlType: 'Github', repositoryUrl, branch: 'main' },
          },
        ],
      },
    },
  });
  assert.equal(status, 201);
  const { body } = await arm.call('POST', `${task}/listWebhooks`);
  const [hook] = (body as { value: { url: string; secret: string }[] }).value;
  assert.ok(hook);

  const commits = Array.from({ length: events }, (_, index) => (index + 1).toString(16).padStart(40, '0'));
  // The second of each comes long before or after the first, under the same id.
  const queue = [...commits, ...[...commits].reverse()];
  const acknowledged = new Set<string>();
  let sent = 0;
  const send = async (commit: string): Promise<void> => {
    const payload = pushPayload('Github', { repositoryUrl, ref: 'refs/heads/main', after: commit });
    const { headers, body: bytes } = hookRequest('Github', payload, { secret: hook.secret, id: commit });
    const response = await server.http.request(hook.url, { method: 'POST', headers, body: bytes });
    await response.text();
    assert.ok(response.status === 200 || response.status === 202, `${response.status}`);
    acknowledged.add(commit);
  };
  const sending = Array.from({ length: senders }, async () => {
    for (let commit = queue.shift(); commit !== undefined; commit = queue.shift()) {
      const each = commit;
      // A provider tries again, too, until it has an answer.
      await until('it is acknowledged', () => send(each).then(() => true, isUnanswered));
      sent += 1;
    }
  });
  for (let kill = 1; kill <= kills; kill += 1) {
    await until('more were sent', () => sent >= (kill * events * 2) / (kills + 2));
    await server.end('SIGKILL');
    await server.start();
  }
  await Promise.all(sending);
  assert.equal(acknowledged.size, events);

  await until(
    'all are decided',
    async () => {
      const { rows } = await database.query<{ count: string }>(
        `select count(*) from deliveries where status = 'Pending'`,
      );
      return rows[0]?.count === '0';
    },
    120_000,
  );
  const { rows: runs } = await database.query<{ commit: string; count: string }>(
    `select trigger->>'commitId' as commit, count(*) from runs group by 1`,
  );
  assert.equal(runs.length, events);
  assert.ok(runs.every(({ commit, count }) => count === '1' && acknowledged.has(commit)));
  const { rows: deliveries } = await database.query<{ status: string; count: string }>(
    `select status, count(*) from deliveries group by 1`,
  );
  assert.deepEqual(deliveries, [{ status: 'Started', count: String(events) }]);

  const fork: ChangedPullRequest = {
    repositoryUrl,
    id: 7,
    commitId: 'f'.repeat(40),
    base: 'main',
    fork: 'else/app',
    change: 'opened',
  };
  const { headers, body: bytes } = hookRequest('Github', pullRequestPayload('Github', fork), hook);
  const answer = await server.http.request(hook.url, { method: 'POST', headers, body: bytes });
  assert.equal(answer.status, 202, await answer.text()); // --fork-pull-requests run
});

/** The server was killed before it answered. */
function isUnanswered(error: unknown): false {
  if (error instanceof assert.AssertionError) throw error;
  return false;
}
