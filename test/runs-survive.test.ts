import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { agentAtWork } from './support/agents.ts';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient, isEnded } from './support/arm.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { startPostgres } from './support/postgres.ts';
import { must, TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

for (const [state, kills] of [
  ['PGlite', 20],
  ['PostgreSQL', 5],
] as const)
  describe(`runs survive kills, on ${state}`, () => {
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    let server: TestServer;
    let arm: ArmClient;
    let archive: Buffer;
    let removeContext: () => Promise<void>;

    before(async () => {
      if (state === 'PostgreSQL') postgres = await startPostgres();
      const database = postgres && { databaseUrl: postgres.url };
      server = await TestServer.start({ agents: 2, args: ['--lease-seconds', '6'], ...database });
      arm = await ArmClient.connect(server);
      const dockerfile = `${busyboxBase}\nARG ROUND\nRUN echo round $ROUND && sleep 2 && echo slept $ROUND`;
      const context = await makeContext(dockerfile);
      removeContext = context.remove;
      archive = await archiveOfDirectory(context.directory);
    });
    after(() =>
      stopAll(
        () => server.stop(),
        () => postgres?.stop(),
        () => removeContext(),
      ),
    );

    const schedule = async (round: string): Promise<string> => {
      const answer = await arm.schedule({
        sourceLocation: await arm.upload(archive),
        imageNames: [`survive-${round}:latest`],
        arguments: [{ name: 'ROUND', value: `${round}-${Date.now()}`, isSecret: false }],
      });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return (answer.body as { properties: { runId: string } }).properties.runId;
    };
    const ended = (runId: string) =>
      until(
        `run ${runId} ends`,
        async () => {
          const run = await arm.run(runId).catch(() => undefined);
          return run && isEnded(run) ? run : undefined;
        },
        120_000,
      );

    test(`an agent killed during a build, ${kills} times: the next attempt runs it, and the log says so`, async () => {
      for (let round = 1; round <= kills; round += 1) {
        const runId = await schedule(`agent-${round}`);
        await until('the build is under way', async () =>
          (await arm.log(runId)).includes(`round agent-${round}`),
        );
        const { pid, directory } = await until('its agent is known', () => agentAtWork(server));
        process.kill(pid, 'SIGKILL');
        const run = await ended(runId);
        assert.ok(!(await must('ps', ['-eo', 'args'])).includes(directory), 'its docker client was ended');
        assert.equal(run.properties.status, 'Succeeded', await arm.log(runId));
        const log = await arm.log(runId);
        assert.match(log, /The agent of attempt 1 was lost\. Run ID: ca\d+ is queued again; attempt 2 of 3/);
        assert.match(log, /Attempt 2 starts on agent/);
        assert.match(log, /was successful after \d+s\r\n$/);
      }
    });

    test(`the server killed with runs queued and running, ${kills} times: nothing accepted is lost`, async () => {
      const accepted: string[] = [];
      for (let round = 1; round <= kills; round += 1) {
        const runId = await schedule(`server-${round}`);
        accepted.push(runId);
        if (round % 2 === 0)
          await until('it is under way', async () => (await arm.run(runId)).properties.status !== 'Queued');
        await server.end('SIGKILL');
        await server.start();
      }
      for (const runId of accepted) {
        const run = await ended(runId);
        assert.equal(run.properties.status, 'Succeeded', `${runId}: ${run.properties.runErrorMessage}`);
        const log = await arm.log(runId);
        assert.equal(log.match(/was successful after/g)?.length, 1, log);
      }
    });
  });
