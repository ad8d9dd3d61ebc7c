import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { slipwayCommand } from './support/server.ts';

const taskFile = `version: v1.1.0
alias:
  src: [ci/aliases.yaml]
  values:
    repository: team/app
secrets:
  - id: token
    keyvault: https://my.vault.azure.net/secrets/token
steps:
  - id: build-web
    build: -t $Registry/$repository:{{.Values.tag}} -f web/Dockerfile web
    when: ["-"]
  - id: build-api
    build: -t $Registry/api:{{.Values.tag}} api
    when: ["-"]
    timeout: 900
  - id: test
    cmd: $node npm test
    when: [build-web, build-api]
    retries: 2
    env: [TOKEN={{.Secrets.token}}, KEY={{.Values.key}}]
  - id: push
    push: [$Registry/$repository:{{.Values.tag}}, $Registry/api:{{.Values.tag}}]
    tmeout: 5
`;

/** `slipway render` and `slipway plan`, without any server. */
describe('task files on the command line', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-task-file-'));
    await mkdir(path.join(directory, 'ci'));
    await writeFile(path.join(directory, 'acb.yaml'), taskFile);
    await writeFile(path.join(directory, 'ci/aliases.yaml'), 'node: node:22\nrepository: wrong\n');
    await writeFile(path.join(directory, 'values.yaml'), 'tag: v1\nkey: none\n');
    await symlink('/etc/hostname', path.join(directory, 'outside.yaml'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function slipway(
    args: readonly string[],
    input = '',
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const [program = '', ...rest] = slipwayCommand(args);
    const child = spawn(program, rest, { stdio: 'pipe' });
    child.stdin.end(input);
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr, code] = await Promise.all([
      readStream(child.stdout),
      readStream(child.stderr),
      closed,
    ]);
    return { code, stdout, stderr };
  }

  test('render prints aliases, values and templates replaced, and no secret', async () => {
    const { code, stdout, stderr } = await slipway([
      ...['render', '--values', 'values.yaml', '--set', 'tag=v2', '--set-secret', 'key=open-sesame'],
      ...['--registry', 'my.azurecr.io', directory],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /build: -t my\.azurecr\.io\/team\/app:v2 -f web\/Dockerfile web\n/);
    assert.match(stdout, /cmd: node:22 npm test\n/);
    assert.match(stdout, /env: \[TOKEN=<secret token>, KEY=\*\*\*\]\n/);
    assert.doesNotMatch(stdout, /alias|\{\{|\$|open-sesame/);
  });

  test('plan draws what waits for what in 80 columns, and warns of what has no effect', async () => {
    const { code, stdout, stderr } = await slipway(['plan', '--values', 'values.yaml', directory]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^acb\.yaml · v1\.1\.0 · 4 steps, up to 2 at the same time\n/);
    assert.match(stdout, /^┬ build-web {2}build {2}at once · 600 s$/m);
    assert.match(stdout, /^└ build-api {2}build {2}at once · 900 s$/m);
    assert.match(stdout, /^─ test {7}cmd {4}after build-web, build-api · 600 s · 3 tries$/m);
    assert.match(stdout, /^─ push {7}push {3}after test · 600 s$/m);
    assert.match(stdout, /At most 3310 s: build-api → test → push/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(stderr, /warning: steps\[3\]\.tmeout \(line 24\) is not known and has no effect/);
  });

  test('the file may come from the standard input, its aliases from a URL', async () => {
    const server = createServer((_request, reply) => reply.end('word: from-afar\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo; // it listens on TCP
      const text = `version: v1.1.0\nalias:\n  src: ["http://127.0.0.1:${port}/a.yaml"]\nsteps:\n  - cmd: a $word\n`;
      const { code, stdout, stderr } = await slipway(['render', '-f', '-', directory], text);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /cmd: a from-afar\n/);
    } finally {
      server.close();
    }
  });

  for (const [name, args, input, message] of [
    ['a file that is not there', ['-f', 'none.yaml'], '', /cannot read the task file .*none\.yaml/],
    ['a file outside the source', ['-f', '../x.yaml'], '', /cannot read the task file/],
    ['a link out of the source', ['-f', 'outside.yaml'], '', /outside\.yaml: it is outside the source/],
    ['a cycle', ['-f', '-'], 'steps: [{id: a, cmd: a, when: [b]}, {id: b, cmd: b}]', /wait for each other: /],
    ['an empty file', ['-f', '-'], '', /rendered template was empty/],
  ] as const) {
    test(`plan refuses ${name} in one line`, async () => {
      const { code, stdout, stderr } = await slipway(['plan', ...args, directory], input);
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1);
    });
  }
});
