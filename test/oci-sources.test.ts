import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loginServerOf } from './support/base-images.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { TestServer } from './support/server.ts';

/** Artifacts of the server's own registry, which lets nobody in without a login, as sources. */
describe('oci:// sources', () => {
  let server: TestServer;
  let artifact: string;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    // An image's layer is a tar: this one holds what the next build is made of.
    const context = await makeContext('FROM scratch\nCOPY busybox made.Dockerfile task.yaml /\n', {
      'made.Dockerfile': `${busyboxBase}\nRUN echo made of an artifact\n`,
      'task.yaml': 'version: v1.1.0\nsteps:\n  - cmd: $Registry/made:1 echo a task of an artifact\n',
    });
    const built = await server.slipway(['build', '-t', 'sources/app:1', context.directory]);
    assert.equal(built.code, 0, built.stdout + built.stderr);
    artifact = `oci://${await loginServerOf(server)}/sources/app:1`;
    await context.remove();
  });
  after(() => server.stop());

  test("a build step's context", async () => {
    const context = await makeContext('FROM scratch\n', {
      'task.yaml': [
        'version: v1.1.0',
        'steps:',
        '  - build: -t $Registry/made:1 -f made.Dockerfile oci://$Registry/sources/app:1',
        '  - push: ["$Registry/made:1"]',
      ].join('\n'),
    });
    const { code, stdout, stderr } = await server.slipway(['run', '-f', 'task.yaml', context.directory]);
    await context.remove();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /made of an artifact/);
    assert.match(stderr, /made:1@sha256:[0-9a-f]{64}/);
  });

  test("a build's and a task's own source", async () => {
    const build = await server.slipway(['build', '-t', 'made:2', '-f', 'made.Dockerfile', artifact]);
    assert.equal(build.code, 0, build.stdout + build.stderr);
    assert.match(build.stderr, /made:2@sha256:/);
    const run = await server.slipway(['run', '-f', 'task.yaml', artifact]);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.match(run.stdout, /^a task of an artifact\r?$/m);
  });

  test('one that is not there fails with its name', async () => {
    const { code, stdout } = await server.slipway(['build', '-t', 'made:3', artifact.replace(/1$/, '404')]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /Error: cannot fetch \S+\/sources\/app: the registry answers manifests\/404 with status 404/,
    );
  });
});
