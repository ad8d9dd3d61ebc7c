import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { findDockerCli } from '../src/engine/index.ts';
import { ArmClient } from './support/arm.ts';
import { makeContext } from './support/context.ts';
import { serveGit } from './support/git-server.ts';
import { pusherOf } from './support/oci.ts';
import { command, must, TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

const image = 'slipway-test/distribution:latest';
let docker: string;

/** A machine with an engine but without the program: the registry runs from its image. */
before(async () => {
  docker = await findDockerCli(process.env);
  const context = await mkdtemp(path.join(os.tmpdir(), 'slipway-distribution-'));
  const libraries = (await must('ldd', ['/usr/bin/docker-registry'])).match(/\/\S+(?= \(0x)/g) ?? [];
  await copyFile('/usr/bin/docker-registry', path.join(context, 'registry'));
  const lines = ['FROM scratch', 'COPY registry /usr/bin/registry'];
  for (const library of libraries) {
    await mkdir(path.join(context, path.dirname(library)), { recursive: true });
    await copyFile(library, path.join(context, library));
    lines.push(`COPY ${library.slice(1)} ${library}`);
  }
  await writeFile(path.join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  await must(docker, ['build', '-t', image, context], { DOCKER_BUILDKIT: '1' });
  await rm(context, { recursive: true, force: true });
});
after(() => command(docker, ['rmi', '--force', image]));

const registryContainers = async (): Promise<string[]> =>
  (await must(docker, ['ps', '--all', '--quiet', '--filter', `ancestor=${image}`]))
    .split('\n')
    .filter(Boolean);

test('the registry runs from its image: a pushed image outlives a killed server, no container outlives a stopped one', async () => {
  const server = await TestServer.start({ agents: 1, env: { SLIPWAY_REGISTRY_IMAGE: image } });
  const context = await makeContext('FROM scratch\nCOPY busybox /\n');
  try {
    const build = (tag: string) => server.slipway(['build', '-t', tag, context.directory]);
    const first = await build('kept:v1');
    assert.equal(first.code, 0, first.stdout + first.stderr);
    assert.equal((await registryContainers()).length, 1);
    await server.end('SIGKILL');
    await server.start();
    const { SLIPWAY_LOGIN_SERVER: host } = await server.clientEnv();
    const based = await makeContext(`FROM ${host}/kept:v1\nCOPY page /\n`, { page: 'hello' });
    const second = await server.slipway(['build', '-t', 'based:v1', based.directory]);
    await based.remove();
    assert.equal(second.code, 0, second.stdout + second.stderr);
    assert.equal((await registryContainers()).length, 1);
    await tellsOfPushes(server);
  } finally {
    await server.stop();
    await context.remove();
  }
  assert.deepEqual(await registryContainers(), []);
});

/** From within its container too: a pushed base image is looked at before it would be by itself. */
async function tellsOfPushes(server: TestServer): Promise<void> {
  const arm = await ArmClient.connect(server);
  const own = await pusherOf(server);
  const git = await serveGit();
  try {
    await own.push('told/base:v1', '0');
    await git.commit('main', { Dockerfile: `FROM ${own.host}/told/base:v1\n` });
    const taskId = `${arm.registryPath}/tasks/told-app`;
    await arm.call('PUT', taskId, {
      location: 'local',
      properties: {
        platform: { os: 'linux' },
        step: { type: 'Docker', contextPath: git.url, dockerFilePath: 'Dockerfile', imageNames: ['told:v1'] },
        trigger: { baseImageTrigger: { name: 'base', baseImageTriggerType: 'All' } },
      },
    });
    await arm.call('POST', `${arm.registryPath}/scheduleRun`, { type: 'TaskRunRequest', taskId });
    const looked = async (): Promise<{ checkedAt: number; nextCheckAt: number } | undefined> => {
      const { body } = await arm.call('GET', `${arm.registryPath}/baseImages`);
      const [image] = (body as { value: { checkedTime?: string; nextCheckTime: string }[] }).value;
      return image?.checkedTime === undefined
        ? undefined
        : { checkedAt: Date.parse(image.checkedTime), nextCheckAt: Date.parse(image.nextCheckTime) };
    };
    const first = await until('it was looked at', looked);
    await own.push('told/base:v1', '1');
    const second = await until('it was looked at again', async () => {
      const found = await looked();
      return found && found.checkedAt > first.checkedAt && found;
    });
    assert.ok(second.checkedAt < first.nextCheckAt, 'the push was told of');
  } finally {
    await git.stop();
  }
}
