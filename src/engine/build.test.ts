import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import Docker from 'dockerode';
import { Secret } from '../model/index.ts';
import type { BuildOptions } from './build.ts';
import { findDockerCli } from './docker-cli.ts';
import { openEngine, type Engine } from './engine.ts';
import { collector, docker, openTestEngine } from './testing.ts';
import { startEngine, startRegistry, temporaryDirectory } from './testing-servers.ts';

const base = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n';

/** A workspace with busybox, a Dockerfile and other files, and what a build in it is asked with. */
async function prepare(
  t: TestContext,
  dockerfile: string,
  files: Record<string, string> = {},
): Promise<{ workspace: string; options: BuildOptions; output: () => string }> {
  const directory = await temporaryDirectory(t);
  const workspace = path.join(directory, 'workspace');
  await mkdir(workspace);
  await copyFile('/bin/busybox', path.join(workspace, 'busybox'));
  for (const [name, text] of Object.entries({ Dockerfile: base + dockerfile, ...files })) {
    await mkdir(path.dirname(path.join(workspace, name)), { recursive: true });
    await writeFile(path.join(workspace, name), text);
  }
  const { onOutput, text } = collector();
  const options = {
    contextDirectory: workspace,
    workspaceDirectory: workspace,
    dockerfile: 'Dockerfile',
    tags: [],
    buildArguments: [],
    noCache: false,
    dockerConfigDirectory: path.join(directory, 'docker'),
    scratchDirectory: directory,
    onOutput,
    signal: new AbortController().signal,
  };
  return { workspace, options, output: text };
}

describe('builds', () => {
  let engine: Engine;
  before(async () => {
    engine = await openTestEngine();
  });

  async function build(t: TestContext, options: BuildOptions): Promise<Docker.ImageInspectInfo> {
    const { onOutput, text } = collector();
    const hear = (chunk: Buffer): void => {
      onOutput(chunk);
      void options.onOutput(chunk);
    };
    const { imageId } = await engine.build({ ...options, onOutput: hear }).catch((error: unknown) => {
      t.diagnostic(text());
      throw error;
    });
    t.after(() => docker.getImage(imageId).remove({ force: true }));
    return docker.getImage(imageId).inspect();
  }

  test('secrets come from files and from the environment, and stay out of image and log', async (t) => {
    const run = 'RUN --mount=type=secret,id=file --mount=type=secret,id=word ';
    const { options, output, workspace } = await prepare(
      t,
      `${run} echo "lengths $(cat /run/secrets/file | wc -c) $(cat /run/secrets/word | wc -c)" ${randomUUID()}\n`,
      { 'keys/a,b': 'from a file' },
    );
    await build(t, {
      ...options,
      secrets: [
        { id: 'file', source: path.join(workspace, 'keys/a,b') },
        { id: 'word', variable: 'WORD' },
      ],
      environment: ['WORD=from,"the=environment'],
    });
    assert.match(output(), /lengths 11 21 /);
    assert.doesNotMatch(output(), /from a file|from,/);
  });

  test('a secret that the environment does not have is refused', async (t) => {
    const { options } = await prepare(t, '');
    await assert.rejects(engine.build({ ...options, secrets: [{ id: 'x', variable: 'NOT_THERE' }] }), {
      code: 'SecretNotFound',
      message: /has no NOT_THERE/,
    });
  });

  test('the Dockerfile may lie beside the context in the workspace, and nowhere else', async (t) => {
    const { options, workspace } = await prepare(t, '', { 'app/text': 'of the context' });
    await copyFile('/bin/busybox', path.join(workspace, 'app', 'busybox'));
    await writeFile(path.join(workspace, 'Other'), `${base}COPY text /text\nLABEL beside=yes\n`);
    await writeFile(path.join(workspace, '..', 'Outside'), base);
    await symlink('../../Outside', path.join(workspace, 'app', 'Link'));
    const inApp = { ...options, contextDirectory: path.join(workspace, 'app') };
    const image = await build(t, { ...inApp, dockerfile: '../Other' });
    assert.equal(image.Config.Labels.beside, 'yes');
    for (const dockerfile of ['../../Outside', 'Link']) {
      const error = { code: 'DockerfileNotFound', message: /lies outside/ };
      await assert.rejects(engine.build({ ...inApp, dockerfile }), error);
    }
  });

  test('tags, labels, arguments, hosts, network and flags are as they are given', async (t) => {
    const lines = [
      'ARG GIVEN',
      'ARG SECRET',
      'ARG INHERITED=default',
      'ARG ABSENT=default',
      `RUN echo "$GIVEN $(echo -n $SECRET | wc -c) $INHERITED $ABSENT" ${randomUUID()}; cat /etc/hosts; ulimit -n`,
    ];
    const { options, output } = await prepare(t, `${lines.join('\n')}\n`);
    const tags = [1, 2].map((n) => `slipway-test-${randomUUID()}:v${n}`);
    const image = await build(t, {
      ...options,
      tags,
      labels: ['a=1', 'b=with space'],
      buildArguments: [
        { name: 'GIVEN', value: 'given' },
        { name: 'SECRET', value: new Secret('hidden') },
        { name: 'INHERITED' },
        { name: 'ABSENT' },
      ],
      environment: ['INHERITED=from the step', 'OTHER=x'],
      addHosts: ['elsewhere:10.1.2.3'],
      network: 'none',
      otherFlags: ['--ulimit=nofile=321'],
      isPulled: true,
    });
    assert.deepEqual([...image.RepoTags].sort(), [...tags].sort());
    assert.deepEqual(image.Config.Labels, { a: '1', b: 'with space' });
    assert.match(output(), /given 6 from the step default/);
    assert.match(output(), /10\.1\.2\.3\s+elsewhere/);
    for (const flag of ['--output=type=local,dest=/tmp', '--ssh=default', '-o=x', '--iidfile=/x']) {
      await assert.rejects(engine.build({ ...options, otherFlags: [flag] }), { code: 'InvalidArgument' });
    }
  });

  test('the docker client gets no token of ours, asks git for nothing, and is led by no argument', async (t) => {
    const { options } = await prepare(t, '');
    const seen = path.join(options.scratchDirectory, 'environment');
    const client = path.join(options.scratchDirectory, 'docker');
    const real = await findDockerCli(process.env);
    await writeFile(client, `#!/bin/sh\nenv > ${seen}\nexec ${real} "$@"\n`, { mode: 0o755 });
    process.env.SLIPWAY_JOIN_TOKEN = 'token';
    const recorded = openEngine({ dockerCli: client });
    delete process.env.SLIPWAY_JOIN_TOKEN;
    const names = ['BUILDX_GIT_INFO', 'EXPERIMENTAL_BUILDKIT_SOURCE_POLICY', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
    const buildArguments = names.map((name) => ({ name, value: 'mine' }));
    const { imageId } = await recorded.build({ ...options, buildArguments });
    t.after(() => docker.getImage(imageId).remove({ force: true }));
    const environment = await readFile(seen, 'utf8');
    assert.match(environment, /^BUILDX_GIT_INFO=false$/m);
    assert.doesNotMatch(environment, /^SLIPWAY_|=mine$/m);
  });

  test('a cache mount keeps files from one build to the next', async (t) => {
    const id = randomUUID();
    const mount = `RUN --mount=type=cache,id=${id},target=/cache `;
    const first = await prepare(t, `${mount} echo kept > /cache/file\n`);
    await build(t, first.options);
    const second = await prepare(t, `${mount} cat /cache/file # ${randomUUID()}\n`);
    await build(t, second.options);
    assert.match(second.output(), /kept/);
  });

  test('parallel builds of one scratch directory do not mix', async (t) => {
    const { options } = await prepare(t, 'ARG N\nLABEL n=$N\n');
    const images = await Promise.all(
      ['1', '2', '3'].map((value) => build(t, { ...options, buildArguments: [{ name: 'N', value }] })),
    );
    assert.deepEqual(
      images.map(({ Config }) => Config.Labels.n),
      ['1', '2', '3'],
    );
  });
});

describe('the cache of builds', () => {
  const obstacle = process.getuid?.() === 0 ? false : 'an engine of its own needs root';

  test(
    'a registry cache serves an engine that never built it; the limit empties the local one',
    { skip: obstacle },
    async (t) => {
      const registry = await startRegistry(t);
      const reference = `${registry}/app:cache_quickrun_build`;
      const mark = randomUUID();
      const { options } = await prepare(t, `RUN echo ${mark} > /made\nCOPY late /late\n`, {
        late: '1',
      });
      const buildOn = async (host: string): Promise<string> => {
        const { onOutput, text } = collector();
        const engine = openEngine({ dockerCli: await findDockerCli(process.env), host });
        const given = { ...options, tags: ['app:v1'], network: 'host', registryCache: { reference } };
        const { imageId } = await engine.build({ ...given, onOutput });
        const at = new Docker({ socketPath: host.slice('unix://'.length) });
        const { RepoTags: names } = await at.getImage(imageId).inspect();
        assert.deepEqual(names, ['app:v1']); // the cache's name goes after the push
        return text();
      };
      const first = await startEngine(t);
      assert.match(await buildOn(first), new RegExp(`RUN .*echo ${mark}`));
      const tags: unknown = await (await fetch(`http://${registry}/v2/app/tags/list`)).json();
      assert.deepEqual(tags, { name: 'app', tags: ['cache_quickrun_build'] });
      await writeFile(path.join(options.contextDirectory, 'late'), '2');
      const second = await buildOn(await startEngine(t));
      assert.match(second, new RegExp(`(#\\d+) .*RUN echo ${mark}(.*\n)+\\1 CACHED\n`));

      const cacheOf = new Docker({ socketPath: first.slice('unix://'.length) });
      const sizeOf = async (): Promise<number> => {
        const { BuildCache: cache } = (await cacheOf.df()) as {
          BuildCache: { Size: number; Shared: boolean }[];
        };
        return cache.reduce((sum, { Size }) => sum + Size, 0);
      };
      const images = await cacheOf.listImages({ all: true });
      const sizeBefore = await sizeOf();
      assert.ok(sizeBefore > 1000);
      const engine = openEngine({ dockerCli: await findDockerCli(process.env), host: first });
      assert.equal(await engine.limitBuildCache(sizeBefore * 10, options.signal), 0);
      assert.equal(await sizeOf(), sizeBefore);
      await engine.limitBuildCache(1, options.signal);
      assert.ok((await sizeOf()) < sizeBefore);
      assert.equal((await cacheOf.listImages({ all: true })).length, images.length);
    },
  );

  test('a registry that is not there does not fail a build, which says so', async (t) => {
    const engine = await openTestEngine();
    const { options, output } = await prepare(t, '');
    const { imageId } = await engine.build({
      ...options,
      registryCache: { reference: '127.0.0.1:9/app:cache' },
    });
    t.after(() => docker.getImage(imageId).remove({ force: true }));
    assert.match(output(), /the cache is not kept: failed to push 127\.0\.0\.1:9\/app:cache: .*refused/);
  });
});
