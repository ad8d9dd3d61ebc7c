import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hookRequest, noCommit, pullRequestPayload, pushPayload } from '../src/forges/testing.ts';
import { providerTypes, type ProviderType } from '../src/model/index.ts';
import { ArmClient, isEnded } from './support/arm.ts';
import { filesThatHold } from './support/exposure.ts';
import { startForge, type TestForge } from './support/forge.ts';
import { recordPrograms } from './support/recorded-programs.ts';
import { must, TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

interface TriggeredRun {
  readonly runId: string;
  readonly runType: string;
  readonly status: string;
  readonly outputImages?: readonly { readonly tag: string; readonly digest: string }[];
  readonly sourceTrigger?: Record<string, string>;
}

interface Webhook {
  readonly url: string;
  readonly secret: string;
  readonly registration: string;
  readonly registrationError?: string;
  readonly commitStatusError?: string;
}

interface HookAnswer {
  readonly status?: string;
  readonly reason?: string;
  readonly deliveryIds?: readonly number[];
}

interface Delivery {
  readonly status: string;
  readonly reason?: string;
  readonly runId?: string;
}

const token = 'forge-token-4711';
/** A file of the image that is built with the token. */
const inImage = 'page-of-the-image-0815';
const commitId = 'c'.repeat(40);
const elsewhere = 'https://forge.example.com/acme/app.git';

/** Commits and pull requests start runs: real pushes over HTTP, and what providers send. */
describe('webhooks', () => {
  let server: TestServer;
  let arm: ArmClient;
  let programs: Awaited<ReturnType<typeof recordPrograms>>;

  before(async () => {
    programs = await recordPrograms('git', 'docker');
    server = await TestServer.start({ agents: 1, env: programs.env });
    arm = await ArmClient.connect(server);
    // its runs stay queued
    await arm.call('PUT', `${arm.registryPath}/agentPools/waiting`, {
      location: 'local',
      properties: { count: 0, os: 'Linux', tier: 'S1' },
    });
  });
  after(() =>
    stopAll(
      () => server.stop(),
      () => programs.remove(),
    ),
  );

  const pathOf = (task: string): string => `${arm.registryPath}/tasks/${task}`;

  async function put(
    name: string,
    provider: ProviderType,
    repositoryUrl: string,
    more: { trigger?: object; repository?: object; step?: object; properties?: object } = {},
  ): Promise<void> {
    const sourceRepository = {
      sourceControlType: provider,
      repositoryUrl,
      branch: 'main',
      ...more.repository,
    };
    const properties = {
      platform: { os: 'linux', architecture: 'amd64' },
      step: {
        type: 'Docker',
        contextPath: `${repositoryUrl}#main`,
        imageNames: ['hooked:{{.Run.ID}}'],
        dockerFilePath: 'Dockerfile',
        isPushEnabled: true,
        ...more.step,
      },
      trigger: {
        sourceTriggers: [
          {
            name: 'source',
            sourceRepository,
            sourceTriggerEvents: ['commit', 'pullrequest'],
            ...more.trigger,
          },
        ],
      },
      ...more.properties,
    };
    const { status, body } = await arm.call('PUT', pathOf(name), { location: 'local', properties });
    assert.ok(status === 200 || status === 201, JSON.stringify(body));
  }
  const withToken = { sourceControlAuthProperties: { tokenType: 'PAT', token } };

  async function webhookOf(task: string): Promise<Webhook> {
    const { status, body } = await arm.call('POST', `${pathOf(task)}/listWebhooks`);
    assert.equal(status, 200, JSON.stringify(body));
    const [webhook] = (body as { value: Webhook[] }).value;
    return webhook ?? assert.fail(`${task} has no webhook`);
  }

  async function send(url: string, { headers, body }: ReturnType<typeof hookRequest>) {
    const response = await server.http.request(url, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as HookAnswer };
  }

  /** What is answered to a request whose body never comes. */
  async function statusWithoutBody(url: string): Promise<number | undefined> {
    const ca = await readFile(path.join(server.data, 'tls', 'ca.pem'));
    const asking = request(url, { method: 'POST', ca, headers: { 'content-length': 1_000_000 } });
    asking.flushHeaders();
    const [response] = (await once(asking, 'response', {
      signal: AbortSignal.timeout(10_000),
    })) as [IncomingMessage];
    asking.destroy();
    return response.statusCode;
  }

  async function runsOf(task: string): Promise<TriggeredRun[]> {
    const filter = encodeURIComponent(`TaskName eq '${task}'`);
    const { body } = await arm.call('GET', `${arm.registryPath}/runs?$filter=${filter}`);
    return (body as { value: { properties: TriggeredRun }[] }).value.map(({ properties }) => properties);
  }
  const runOf = (task: string, sha: string): Promise<TriggeredRun> =>
    until(`${task} has a run of ${sha}`, async () =>
      (await runsOf(task)).find((run) => run.sourceTrigger?.commitId === sha),
    );

  async function deliveriesOf(task: string): Promise<Delivery[]> {
    const { body } = await arm.call('GET', `${arm.registryPath}/deliveries?taskName=${task}`);
    return (body as { value: { properties: Delivery }[] }).value.map(({ properties }) => properties);
  }

  test('a push to a private repository builds that very commit, with its submodule and Git LFS, and the commit shows it', async () => {
    const forge = await startForge('Gitea', token, path.join(server.data, 'tls', 'ca.pem'));
    try {
      const imageNames = ['hooked:{{.Run.TriggeredBy}}-{{.Run.Branch}}-{{.Run.Commit}}'];
      await put('pushed', 'Gitea', forge.url, { repository: withToken, step: { imageNames } });
      await until('the webhook is registered', () => forge.hooks.length === 1);
      await until('it is known', async () => (await webhookOf('pushed')).registration === 'Registered');
      const lib = await forge.commit('lib', { 'lib.txt': 'of the submodule' });
      await forge.push('lib');
      await forge.addSubmodule('lib', lib);
      const sha = await forge.commit('main', {
        '.gitmodules': '[submodule "lib"]\n\tpath = lib\n\turl = ../app.git\n',
        '.gitattributes': 'Dockerfile filter=lfs\n',
        Dockerfile: forge.lfs.add('FROM scratch\nCOPY page lib/lib.txt /\n'),
        page: inImage,
      });
      await forge.push('main');
      // The branch moves on at once; the run is of the first commit still.
      await forge.commit('main', { page: 'second' });
      await forge.push('main');
      const run = await until('it was built', async () => {
        const found = await runOf('pushed', sha);
        return isEnded({ id: '', properties: found }) ? found : undefined;
      });
      const log = await arm.log(run.runId);
      assert.equal(run.status, 'Succeeded', log);
      assert.equal(run.runType, 'AutoBuild');
      assert.equal(run.outputImages?.[0]?.tag, `Commit-main-${sha}`);
      assert.deepEqual(
        { ...run.sourceTrigger, id: '' },
        {
          id: '',
          eventType: 'commit',
          commitId: sha,
          repositoryUrl: forge.url,
          branchName: 'main',
          providerType: 'Gitea',
        },
      );
      const ofCommit = () => forge.statuses.filter((each) => each.commitId === sha);
      await until('the commit shows the end', () => ofCommit().some(({ state }) => state === 'success'));
      // A run that ends at once may never show as pending.
      const states = ofCommit().map(({ state }) => state);
      assert.deepEqual(states.slice(-2), states.length > 1 ? ['pending', 'success'] : ['success']);
      const last = ofCommit().at(-1);
      assert.match(
        last?.targetUrl ?? '',
        new RegExp(`^${server.url}/portal/registries/.+/runs/${run.runId}$`),
      );
      assert.match(last?.context ?? '', /^slipway\/.*\/pushed$/);

      const ofFork = await forge.commit('theirs', { page: 'from a fork' });
      // As providers have it: in the repository, but in none of its branches.
      await forge.push(`${ofFork}:refs/pull/7/head`);
      const { url, secret } = await webhookOf('pushed');
      const pull = pullRequestPayload('Gitea', {
        repositoryUrl: forge.url,
        id: 7,
        commitId: ofFork,
        base: 'main',
        fork: 'mallory/app',
        change: 'opened',
      });
      const held = await send(url, hookRequest('Gitea', pull, { secret }));
      assert.equal(held.status, 200);
      assert.match(held.body.reason ?? '', /from the fork mallory\/app.*slipway redeliver/);
      assert.deepEqual(
        (await runsOf('pushed')).filter(({ sourceTrigger }) => sourceTrigger?.commitId === ofFork),
        [],
      );
      const approved = await server.slipway(['redeliver', `${held.body.deliveryIds?.[0]}`]);
      assert.equal(approved.code, 0, approved.stderr);
      const pulled = await until('it was built', async () => {
        const found = await runOf('pushed', ofFork);
        return isEnded({ id: '', properties: found }) ? found : undefined;
      });
      assert.equal(pulled.status, 'Succeeded', await arm.log(pulled.runId));
      assert.equal(pulled.sourceTrigger?.pullRequestId, '7');

      const lost = pushPayload('Gitea', {
        repositoryUrl: forge.url,
        ref: 'refs/heads/main',
        after: commitId,
      });
      assert.equal((await send(url, hookRequest('Gitea', lost, { secret }))).status, 202);
      const failed = await until('it has failed', async () => {
        const found = await runOf('pushed', commitId);
        return isEnded({ id: '', properties: found }) ? found : undefined;
      });
      assert.match(await arm.log(failed.runId), /cannot fetch .*is not found/);

      await arm.call('DELETE', pathOf('pushed'));
      await until('the webhook is removed', () => forge.hooks.length === 0);
    } finally {
      await forge.stop();
    }
  });

  for (const provider of providerTypes) {
    test(`${provider}: registered once, a push and a tag start runs, removed with its trigger`, async () => {
      const task = `at-${provider}`;
      const forge: TestForge = await startForge(provider, token, path.join(server.data, 'tls', 'ca.pem'));
      const subscriptions = provider === 'VisualStudioTeamService' ? 3 : 1;
      try {
        const disabled = { properties: { agentPoolName: 'waiting' } };
        const every = { ...withToken, branch: '' };
        const context = { contextPath: forge.url };
        await put(task, provider, forge.url, { repository: every, step: context, ...disabled });
        await until('it is registered', async () => (await webhookOf(task)).registration === 'Registered');
        await put(task, provider, forge.url, { repository: every, step: context, ...disabled });
        assert.equal(forge.hooks.length, subscriptions);
        const sha = await forge.commit('feature/x', { Dockerfile: 'FROM scratch\n' });
        await forge.tag('v1');
        await forge.push('feature/x', 'v1');
        await until('both are there', async () => (await runsOf(task)).length === 2);
        const runs = await runsOf(task);
        assert.ok(runs.every(({ sourceTrigger }) => sourceTrigger?.commitId === sha));
        assert.deepEqual(runs.map(({ sourceTrigger }) => sourceTrigger?.branchName ?? '').sort(), [
          '',
          'feature/x',
        ]);
        await until('the commit shows both', () => forge.statuses.length === 2);
        assert.equal(forge.statuses[0]?.state, 'pending');
        await put(task, provider, forge.url, {
          ...disabled,
          properties: { ...disabled.properties, trigger: { sourceTriggers: [] } },
        });
        await until('it is removed', () => forge.hooks.length === 0);
      } finally {
        await forge.stop();
      }
    });
  }

  test('pull requests: opened and changed build their head, what is filtered says why', async () => {
    await put('pulls', 'Github', elsewhere, { properties: { agentPoolName: 'waiting' } });
    const { url, secret } = await webhookOf('pulls');
    const pull = (change: Parameters<typeof pullRequestPayload>[1]['change'], base: string, sha: string) =>
      send(
        url,
        hookRequest(
          'Github',
          pullRequestPayload('Github', { repositoryUrl: elsewhere, id: 7, commitId: sha, base, change }),
          { secret },
        ),
      );
    const push = (ref: string, after: string, repositoryUrl = elsewhere) =>
      send(url, hookRequest('Github', pushPayload('Github', { repositoryUrl, ref, after }), { secret }));

    assert.deepEqual((await pull('opened', 'main', commitId)).body.status, 'Accepted');
    const run = await runOf('pulls', commitId);
    assert.equal(run.sourceTrigger?.pullRequestId, '7');
    assert.equal(run.sourceTrigger?.eventType, 'pullrequest');
    assert.equal((await pull('changed', 'main', 'd'.repeat(40))).status, 202);
    await runOf('pulls', 'd'.repeat(40));

    const ignored: [Promise<{ status: number; body: { reason?: string } }>, RegExp][] = [
      [pull('closed', 'main', commitId), /merged/],
      [pull('opened', 'release', commitId), /the branch release/],
      [push('refs/heads/dev', commitId), /the branch dev/],
      [push('refs/tags/v1', commitId), /the tag v1/],
      [push('refs/heads/main', noCommit), /deleted/],
      [push('refs/heads/main', commitId, 'https://forge.example.com/$(id)/app.git'), /\$\(id\)/],
    ];
    for (const [sent, reason] of ignored) {
      const { status, body } = await sent;
      assert.equal(status, 200);
      assert.match(body.reason ?? '', reason);
    }
    const ping = await send(url, hookRequest('Github', { zen: 'Keep it.' }, { secret, event: 'ping' }));
    assert.deepEqual([ping.status, ping.body.status], [200, 'Ignored']);
    const deliveries = await deliveriesOf('pulls');
    assert.equal(deliveries.filter(({ status }) => status === 'Ignored').length, ignored.length);
    assert.equal((await runsOf('pulls')).length, 2);
  });

  test('the same event counts once: sent again, under another id, or many times at once', async () => {
    await put('once-only', 'Github', elsewhere, { properties: { agentPoolName: 'waiting' } });
    const { url, secret } = await webhookOf('once-only');
    const payload = pushPayload('Github', {
      repositoryUrl: elsewhere,
      ref: 'refs/heads/main',
      after: commitId,
    });
    const id = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send(url, hookRequest('Github', payload, { secret, id }))),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array<number>(9).fill(200), 202]);
    const replayed = await send(url, hookRequest('Github', payload, { secret }));
    assert.deepEqual([replayed.status, replayed.body.status], [200, 'Duplicate']);
    await runOf('once-only', commitId);
    assert.equal((await runsOf('once-only')).length, 1);
    assert.equal((await deliveriesOf('once-only')).length, 1);
    // a task of that name that is made anew is another one
    await arm.call('DELETE', pathOf('once-only'));
    await put('once-only', 'Github', elsewhere, { properties: { agentPoolName: 'waiting' } });
    const anew = await webhookOf('once-only');
    assert.equal((await send(url, hookRequest('Github', payload, { secret, id }))).status, 404);
    assert.equal(
      (await send(anew.url, hookRequest('Github', payload, { secret: anew.secret, id }))).status,
      202,
    );
  });

  test('what is forged, malformed, too large or for nobody starts nothing and says so', async () => {
    await put('strict', 'Github', elsewhere);
    const { url, secret } = await webhookOf('strict');
    const payload = pushPayload('Github', {
      repositoryUrl: elsewhere,
      ref: 'refs/heads/main',
      after: commitId,
    });
    const statusOf = async (to: string, request: ReturnType<typeof hookRequest>) =>
      (await send(to, request)).status;
    const good = hookRequest('Github', payload, { secret });
    assert.equal(await statusOf(url, hookRequest('Github', payload, { secret: 'other' })), 401);
    assert.equal(await statusOf(url, { ...good, body: Buffer.from(`${good.body.toString()} `) }), 401);
    assert.equal(await statusOf(url, { ...good, headers: {} }), 401);
    assert.equal(await statusOf(url, hookRequest('Github', '{"a":', { secret })), 400);
    assert.equal(await statusOf(url.replace(/[^/]+$/, randomUUID()), good), 404);
    assert.equal(await statusOf(url.replace(/[^/]+$/, 'strict'), good), 404);
    const large = JSON.stringify({ ...payload, padding: 'x'.repeat(10 * 1024 * 1024) });
    assert.equal(await statusOf(url, hookRequest('Github', large, { secret })), 413);
    assert.equal((await deliveriesOf('strict')).length, 0);
    assert.equal(await statusOf(url, good), 202);

    // whose request it is is known before its body
    assert.equal(await statusWithoutBody(url.replace(/[^/]+$/, randomUUID())), 404);
    assert.equal(await statusWithoutBody(`${server.url}/hooks/registry/v1/${randomUUID()}`), 401);
    // a forger is stopped, and nobody at another hook
    const forged = { ...good, body: Buffer.from('{}') };
    const tries = await Promise.all(Array.from({ length: 60 }, () => statusOf(url, forged)));
    assert.ok(tries.every((status) => status === 401 || status === 429));
    const stopped = await server.http.request(url, { method: 'POST', ...forged });
    assert.equal(stopped.status, 429, await stopped.text());
    assert.match(String(stopped.headers['retry-after']), /^[1-9]\d?$/);
    assert.equal(await statusWithoutBody(url), 429);
    await put('other', 'Github', elsewhere, { properties: { agentPoolName: 'waiting' } });
    const other = await webhookOf('other');
    assert.equal(await statusOf(other.url, hookRequest('Github', payload, other)), 202);
    // who goes away is no fault of ours
    const breaking = request(other.url, {
      method: 'POST',
      ca: await readFile(path.join(server.data, 'tls', 'ca.pem')),
      headers: { 'content-length': 1000 },
    });
    breaking.write('{', () => breaking.destroy());
    await assert.rejects(once(breaking, 'close'), /socket hang up/);

    await arm.call('DELETE', pathOf('strict'));
    assert.equal(await statusOf(url, hookRequest('Github', { ...payload, again: 1 }, { secret })), 404);
  });

  test('a trigger that stays keeps its URL and secret; disabled it ignores what comes', async () => {
    await put('stays', 'Github', elsewhere, { repository: withToken });
    const first = await webhookOf('stays');
    assert.equal(first.registration, 'Manual'); // nobody elsewhere reaches localhost
    await arm.call('PATCH', pathOf('stays'), { properties: { status: 'Disabled' } });
    assert.deepEqual(await webhookOf('stays'), first);
    const payload = pushPayload('Github', {
      repositoryUrl: elsewhere,
      ref: 'refs/heads/main',
      after: commitId,
    });
    const { status, body } = await send(first.url, hookRequest('Github', payload, first));
    assert.equal(status, 200);
    assert.match(body.reason ?? '', /the task is disabled/);
    await put('stays', 'Github', 'https://forge.example.com/acme/other.git');
    assert.notEqual((await webhookOf('stays')).url, first.url);

    const shown = await server.slipway(['task', 'webhook', 'stays']);
    assert.equal(shown.code, 0, shown.stderr);
    const { url, secret } = await webhookOf('stays');
    assert.ok(shown.stdout.includes(url) && shown.stdout.includes(secret));
    const { body: task } = await arm.call('GET', pathOf('stays'));
    assert.ok(!JSON.stringify(task).includes(secret));
    assert.ok(!(await must('cat', [server.logFile])).includes(secret));
  });

  test('what a provider refuses is visible, tried again, and in nobody’s way', async () => {
    const forge = await startForge('Github', token, path.join(server.data, 'tls', 'ca.pem'));
    try {
      forge.refuse(403);
      await put('refused', 'Github', forge.url, { repository: withToken });
      const refused = await until('it was tried', async () => {
        const webhook = await webhookOf('refused');
        return webhook.registrationError ? webhook : undefined;
      });
      assert.match(refused.registrationError ?? '', /answered 403: the token of the trigger may not/);
      assert.ok(!refused.registrationError?.includes(token));
      forge.refuse(undefined);
      await until('it is registered', async () => (await webhookOf('refused')).registration === 'Registered');
      assert.equal((await webhookOf('refused')).registrationError, undefined);
    } finally {
      await forge.stop();
    }
  });

  /** The last one: of all that was done with the token before. */
  test('the token of a task is in no argument, environment, log, database or image', async () => {
    const hidden = [
      token,
      ...[`x-access-token:${token}`, `:${token}`].map((each) => Buffer.from(each).toString('base64')),
    ];
    const lines = await programs.lines();
    assert.ok(lines.some((line) => line.startsWith('docker build')));
    assert.ok(lines.some((line) => line.includes('git-remote-http')));
    const handed = lines.filter((line) => hidden.some((text) => line.includes(text)));
    // git's credential helper reads it there: nobody but this user can
    assert.deepEqual([...new Set(handed)], [`git SLIPWAY_GIT_PASSWORD=${token}`]);
    await server.end('SIGTERM');
    assert.doesNotMatch(await readFile(server.logFile, 'utf8'), /a webhook failed/);
    assert.ok((await filesThatHold(server.directory, inImage)).length > 0); // it looks into layers
    assert.deepEqual(await filesThatHold(server.directory, ...hidden), []);
  });
});
