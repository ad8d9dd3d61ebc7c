import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import { archiveOfDirectory } from './support/archive.ts';
import { imageAliases, pushBusybox } from './support/base-images.ts';
import { makeContext } from './support/context.ts';
import { commandLinesThatHold, filesThatHold } from './support/exposure.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

const vaultUrl = 'https://slipway.vault.localhost/secrets/token';
const inVault = 'in-vault: "4711" & \'more\' #x';
const setSecret = 'set-by-secret-0815';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const sum = (text: string): string => createHash('sha256').update(text).digest('hex');
/** What must show nowhere. */
const hidden = [inVault, base64(inVault), setSecret, base64(setSecret)];

const task = `version: v1.1.0
secrets:
  - id: token
    keyvault: ${vaultUrl}
volumes:
  - name: keys
    secret:
      token: {{ b64enc .Secrets.token }}
env: [WORD={{.Values.word}}]
steps:
  - id: build
    build: >
      -t $Registry/secrets:1 --secret id=token,src=/keys/token --secret id=word,env=WORD
      --build-arg ARGUMENT --no-cache .
    env:
      - {{ printf "ARGUMENT=%s" .Secrets.token | toJson }}
    volumeMounts: [{name: keys, mountPath: /keys}]
  - id: show
    cmd: bash sh -c 'echo "env $(printf %s "$TOKEN" | sha256sum)"; echo "$TOKEN $WORD"; printf %s "$TOKEN" | base64 -w0; echo; printf %s "$WORD" | base64; sleep 2'
    env:
      - {{ printf "TOKEN=%s" .Secrets.token | toJson }}
  - push: ["$Registry/secrets:1"]
`;

/** The secrets of a task file on their way from the vault into steps. */
describe('secrets of task files', () => {
  let server: TestServer;
  let arm: ArmClient;
  let context: Awaited<ReturnType<typeof makeContext>>;

  before(async () => {
    server = await TestServer.start({ agents: 1, env: imageAliases });
    arm = await ArmClient.connect(server);
    const base = await pushBusybox(server);
    context = await makeContext(
      [
        `FROM ${base}`,
        'ARG ARGUMENT',
        'RUN echo "argument $(printf %s "$ARGUMENT" | sha256sum) $ARGUMENT"',
        'RUN --mount=type=secret,id=token --mount=type=secret,id=word \\',
        '  echo "file $(sha256sum < /run/secrets/token)"; cat /run/secrets/token; echo "word $(sha256sum < /run/secrets/word)"; sleep 2',
      ].join('\n'),
      { 'task.yaml': task, 'gone.yaml': task.replace('/token\n', '/gone\n') },
    );
    const file = path.join(server.directory, 'value.txt');
    await writeFile(file, inVault);
    const set = await server.slipway(['secret', 'set', 'token', '--file', file]);
    assert.equal(set.code, 0, set.stderr);
    assert.equal(set.stdout.trim(), vaultUrl);
    await writeFile(file, '');
  });
  after(() =>
    stopAll(
      () => context.remove(),
      () => server.stop(),
    ),
  );

  const start = async (taskFilePath: string): Promise<{ runId: string; answer: string }> => {
    const answer = await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
      type: 'FileTaskRunRequest',
      taskFilePath,
      values: [{ name: 'word', value: setSecret, isSecret: true }],
      sourceLocation: await arm.upload(await archiveOfDirectory(context.directory)),
      platform: { os: 'linux', architecture: 'amd64' },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return { runId: (answer.body as WireRun).properties.runId, answer: JSON.stringify(answer.body) };
  };

  test('slipway run --set-secret', async () => {
    const { code, stdout, stderr } = await server.slipway([
      ...['run', '-f', 'task.yaml', '--set-secret', `word=${setSecret}`, context.directory],
    ]);
    assert.equal(code, 0, stdout + stderr);
    for (const text of hidden) assert.ok(!(stdout + stderr).includes(text), text);
  });

  test('one that cannot be read fails the run, whose log says which and what to do', async () => {
    const { runId } = await start('gone.yaml');
    const run = await until('the run ends', async () => {
      const now = await arm.run(runId);
      return isEnded(now) && now;
    });
    assert.equal(run.properties.status, 'Failed');
    const message = /secret "token": there is no secret gone in vault slipway.*slipway secret set gone/;
    assert.match(run.properties.runErrorMessage ?? '', message);
    assert.match(
      await arm.log(runId),
      new RegExp(`Run ID: ${runId} failed after \\d+s\\. Error: .*${message.source}`),
    );
  });

  test('build secret, build argument and environment have it, and nothing shows it', async () => {
    const { runId, answer } = await start('task.yaml');
    const exposed: string[] = [];
    const run = await until('the run ends', async () => {
      exposed.push(...(await commandLinesThatHold(...hidden)));
      const now = await arm.run(runId);
      return isEnded(now) && now;
    });
    const log = await arm.log(runId);
    assert.equal(run.properties.status, 'Succeeded', log);
    for (const what of ['argument', 'file', 'env'])
      assert.match(log, new RegExp(`${what} ${sum(inVault)}`), what);
    assert.match(log, new RegExp(`word ${sum(setSecret)}`));
    assert.match(log, /^\*+ \*+\r$/m);
    assert.deepEqual(exposed, []);
    const answers = await Promise.all([
      arm.call('GET', `${arm.registryPath}/runs/${runId}`),
      arm.call('GET', `${arm.registryPath}/runs`),
      arm.call('GET', `${arm.registryPath}/runs/${runId}/steps`),
      arm.call('GET', `${arm.registryPath}/vaults/slipway/secrets`),
    ]);
    const shown = [log, answer, ...answers.map(({ body }) => JSON.stringify(body))];
    for (const text of hidden) assert.ok(!shown.some((each) => each.includes(text)), text);
    await server.end('SIGTERM');
    assert.deepEqual(await filesThatHold(server.directory, ...hidden), []);
  });
});
