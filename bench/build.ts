import path from 'node:path';
import { findDockerCli } from '../src/engine/index.ts';
import { busyboxBase, makeContext } from '../test/support/context.ts';
import { must, TestServer } from '../test/support/server.ts';
import { ArmClient } from '../test/support/arm.ts';
import { memoryOf } from './memory.ts';
import { median, percentile, seconds } from './statistics.ts';

/** What a user types. */
const launcher = path.join(import.meta.dirname, '..', 'slipway');

const scenarios = {
  'COPY only': { dockerfile: 'FROM scratch\nARG ROUND\nCOPY busybox page.html /\n', isFresh: true },
  'three RUN': {
    dockerfile: `${busyboxBase}\nARG ROUND\nRUN echo one $ROUND > /one\nRUN echo two > /two\nRUN echo three > /three\n`,
    isFresh: true,
  },
  cached: { dockerfile: `${busyboxBase}\nRUN echo always the same > /same\n`, isFresh: false },
};

/**
 * The same build raw (`docker build` and `docker push`, as a user of the engine would type them) and
 * through `slipway build`, in turns; then the medians' ratio, the latency from queued to started, and the
 * memory of server and agent.
 */
export async function benchBuild(rounds: number): Promise<void> {
  const docker = await findDockerCli(process.env);
  const server = await TestServer.start({ agents: 1 });
  try {
    const arm = await ArmClient.connect(server);
    const { SLIPWAY_LOGIN_SERVER: loginServer = '', ...env } = await server.clientEnv();
    const dockerConfig = path.join(server.directory, 'docker');
    const raw = (args: string[]) => must(docker, args, { DOCKER_BUILDKIT: '1', DOCKER_CONFIG: dockerConfig });
    await raw([
      'login',
      loginServer,
      '-u',
      env.SLIPWAY_CLIENT_ID ?? '',
      '-p',
      env.SLIPWAY_CLIENT_SECRET ?? '',
    ]);
    console.log(`${rounds} rounds each, raw and through Slipway in turns; times in seconds\n`);
    console.log('scenario     raw median  slipway median  ratio of medians');
    for (const [name, { dockerfile, isFresh }] of Object.entries(scenarios)) {
      const context = await makeContext(dockerfile, { 'page.html': '<p>hello</p>\n' });
      const times = { raw: [] as number[], slipway: [] as number[] };
      for (let round = 0; round <= rounds; round += 1) {
        const argument = (who: string): string[] => [
          '--build-arg',
          `ROUND=${isFresh ? `${who}-${round}-${Date.now()}` : 0}`,
        ];
        const tag = name.toLowerCase().replace(' ', '-');
        const image = `${loginServer}/raw/${tag}:latest`;
        const rawTime = await seconds(async () => {
          await raw(['build', '--progress', 'plain', '-t', image, ...argument('raw'), context.directory]);
          await raw(['push', image]);
        });
        const slipwayTime = await seconds(async () => {
          const args = ['build', '-t', `slipway/${tag}:latest`, ...argument('slipway'), context.directory];
          await must(launcher, args, { SLIPWAY_LOGIN_SERVER: loginServer, ...env });
        });
        if (round === 0) continue; // warms both up
        times.raw.push(rawTime);
        times.slipway.push(slipwayTime);
      }
      await context.remove();
      const [a, b] = [median(times.raw), median(times.slipway)];
      console.log(
        `${name.padEnd(12)} ${a.toFixed(3).padStart(10)}  ${b.toFixed(3).padStart(14)}  ${(b / a).toFixed(2).padStart(16)}`,
      );
    }
    await printLatency(arm);
    await printMemory(server);
  } finally {
    await server.stop();
  }
}

async function printLatency(arm: ArmClient): Promise<void> {
  const { body } = await arm.call('GET', `${arm.registryPath}/runs`);
  const runs = (body as { value: { properties: { createTime: string; startTime: string } }[] }).value;
  const latencies = runs.map(
    ({ properties }) => Date.parse(properties.startTime) - Date.parse(properties.createTime),
  );
  console.log(
    `\nqueue to start with a free agent (${latencies.length} runs): ` +
      `p50 ${percentile(latencies, 50).toFixed(0)} ms, p99 ${percentile(latencies, 99).toFixed(0)} ms`,
  );
}

async function printMemory(server: TestServer): Promise<void> {
  for (const [role, megabytes] of Object.entries(await memoryOf(server))) {
    console.log(`memory of ${role}: ${megabytes.toFixed(0)} MB resident`);
  }
}
