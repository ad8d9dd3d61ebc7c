import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { findDockerCli } from '../src/engine/index.ts';
import { namesOnEngine } from './support/agents.ts';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { startPostgres } from './support/postgres.ts';
import { must, slipwayCommand, TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

/** On PostgreSQL, with an agent that joined from elsewhere by its token: `slipway agent`. */
describe('a run that is stopped', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let server: TestServer;
  let arm: ArmClient;
  let archive: Buffer;
  let docker: string;
  const places: string[] = [];

  before(async () => {
    docker = await findDockerCli(process.env);
    postgres = await startPostgres();
    server = await TestServer.start({ databaseUrl: postgres.url });
    arm = await ArmClient.connect(server);
    const context = await makeContext(`${busyboxBase}\nARG ROUND\nRUN echo begun $ROUND && sleep 614\n`);
    archive = await archiveOfDirectory(context.directory);
    await context.remove();
  });
  after(() =>
    stopAll(
      () => server.stop(),
      () => postgres.stop(),
    ),
  );

  const startAgent = (name: string): ChildProcess => {
    const place = path.join(server.directory, name);
    places.push(place);
    const [program, ...args] = slipwayCommand(['agent', '--server', server.url, '--name', name]);
    args.push('--ca', path.join(server.data, 'tls', 'ca.pem'), '--work-directory', place);
    args.push('--token-file', path.join(server.data, 'agent.token'));
    return spawn(program ?? '', args, { stdio: 'ignore' });
  };
  const schedule = async (): Promise<string> => {
    const { body } = await arm.schedule({
      sourceLocation: await arm.upload(archive),
      arguments: [{ name: 'ROUND', value: `${process.pid}-${Math.random()}`, isSecret: false }],
    });
    return (body as { properties: { runId: string } }).properties.runId;
  };
  const begun = (runId: string) =>
    until('the build is under way', async () => (await arm.log(runId)).includes('begun'));
  const ended = (runId: string): Promise<WireRun> =>
    until(`run ${runId} ends`, async () => {
      const run = await arm.run(runId);
      return isEnded(run) && run;
    });
  const onEngine = (): Promise<string[]> => namesOnEngine(docker, places);
  const leftOvers = async (): Promise<string[]> => {
    const ofRuns = await Promise.all(
      places.map(async (place) => {
        const files = await readdir(place, { recursive: true }).catch(() => []);
        return files.filter((name) => /^[^/]+\/\d+-\d+/.test(name));
      }),
    );
    return ofRuns.flat();
  };
  /** Whether BuildKit still runs the command of a build. */
  const sleeps = async (): Promise<boolean> => (await must('ps', ['-eo', 'args'])).includes('sleep 614');

  test('canceled: the build ends within seconds and leaves nothing behind', async () => {
    const agent = startAgent('canceling');
    try {
      const runId = await schedule();
      await begun(runId);
      const askedAt = Date.now();
      assert.equal((await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`)).status, 200);
      const run = await ended(runId);
      console.log(`canceled after ${Date.now() - askedAt} ms`);
      assert.equal(run.properties.status, 'Canceled');
      assert.match(await arm.log(runId), /Run ID: \w+ was canceled after \d+s\r\n$/);
      await until('the build has stopped', async () => !(await sleeps()), 5000);
      await until('its files are gone', async () => (await leftOvers()).length === 0);
      assert.deepEqual(await onEngine(), []);
    } finally {
      agent.kill('SIGTERM');
      await once(agent, 'exit');
    }
  });

  test('out of time: Timeout, and the log says how long it had', async () => {
    const runId = await schedule();
    // The API takes no timeout under 300 seconds.
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('update runs set timeout_seconds = 3 where run_id = $1', [runId]);
    await client.end();
    const agent = startAgent('timing');
    try {
      const run = await ended(runId);
      assert.equal(run.properties.status, 'Timeout');
      assert.match(await arm.log(runId), /Run ID: \w+ timed out \(its timeout is 3s\) after \d+s\r\n$/);
      await until('the build has stopped', async () => !(await sleeps()), 5000);
      await until('its files are gone', async () => (await leftOvers()).length === 0);
      assert.deepEqual(await onEngine(), []);
    } finally {
      agent.kill('SIGTERM');
      await once(agent, 'exit');
    }
  });

  test('an agent that is told to stop gives its run back: the next agent runs it', async () => {
    const first = startAgent('leaving');
    const runId = await schedule();
    await begun(runId);
    first.kill('SIGTERM');
    await once(first, 'exit');
    await until('the run waits again', async () => (await arm.run(runId)).properties.status === 'Queued');
    const second = startAgent('taking-over');
    try {
      await until('the next attempt is under way', async () =>
        (await arm.log(runId)).includes('Attempt 2 starts on agent taking-over'),
      );
      assert.equal((await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`)).status, 200);
      await ended(runId);
    } finally {
      second.kill('SIGTERM');
      await once(second, 'exit');
    }
    assert.deepEqual(await leftOvers(), []);
  });
});
