import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import { alice, startForeignRegistry } from './support/foreign-registry.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { pusherOf, startPlainRegistry, type Pusher } from './support/oci.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

type ImageRun = WireRun['properties'] & {
  readonly runType: string;
  readonly createTime: string;
  readonly imageUpdateTrigger?: {
    readonly id: string;
    readonly timestamp: string;
    readonly images: readonly { repository: string; tag: string; digest: string; registry: string }[];
  };
};

interface Delivery {
  readonly name: string;
  readonly properties: {
    readonly status: string;
    readonly reason?: string;
    readonly runId?: string;
    readonly imageUpdateTrigger?: { readonly images: readonly { repository: string; digest: string }[] };
  };
}

/** Tasks run when the images that they stand on are updated: real registries, a real engine. */
describe('base image updates', () => {
  let server: TestServer;
  let arm: ArmClient;
  let git: GitServer;
  let own: Pusher;

  before(async () => {
    server = await TestServer.start({ agents: 1, args: ['--base-image-check-minutes', '0.02'] });
    arm = await ArmClient.connect(server);
    git = await serveGit();
    own = await pusherOf(server);
  });
  after(() =>
    stopAll(
      () => git.stop(),
      () => server.stop(),
    ),
  );

  const pathOf = (task: string): string => `${arm.registryPath}/tasks/${task}`;

  async function putTask(
    task: string,
    dockerfile: string,
    trigger: object = {},
    credentials?: object,
  ): Promise<void> {
    await git.commit(task, { Dockerfile: `${dockerfile}\n# ${task}\n` });
    const { status, body } = await arm.call('PUT', pathOf(task), {
      location: 'local',
      properties: {
        platform: { os: 'linux' },
        step: {
          type: 'Docker',
          contextPath: `${git.url}#${task}`,
          dockerFilePath: 'Dockerfile',
          imageNames: [`${task}:v1`],
          arguments: [{ name: 'ID', value: '{{.Run.ID}}' }],
        },
        trigger: { baseImageTrigger: { name: 'base', baseImageTriggerType: 'All', ...trigger } },
        ...(credentials && { credentials }),
      },
    });
    assert.ok(status < 300, JSON.stringify(body));
  }

  /** Runs a task by hand to its end. */
  async function runOnce(task: string): Promise<ImageRun> {
    const { status, body } = await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
      type: 'TaskRunRequest',
      taskId: pathOf(task),
    });
    assert.equal(status, 200, JSON.stringify(body));
    return ended((body as WireRun).properties.runId);
  }

  async function ended(runId: string): Promise<ImageRun> {
    const run = await until(`${runId} has ended`, async () => {
      const found = await arm.run(runId);
      return isEnded(found) && found;
    });
    assert.equal(run.properties.status, 'Succeeded', await arm.log(runId));
    return run.properties as ImageRun;
  }

  /** The runs of a task that images started, oldest first. */
  async function imageRuns(task: string): Promise<ImageRun[]> {
    const filter = encodeURIComponent(`TaskName eq '${task}'`);
    const { body } = await arm.call('GET', `${arm.registryPath}/runs?$filter=${filter}`);
    return (body as { value: { properties: ImageRun }[] }).value
      .map(({ properties }) => properties)
      .filter(({ imageUpdateTrigger }) => imageUpdateTrigger !== undefined)
      .reverse();
  }

  const nextImageRun = async (task: string, count = 1): Promise<ImageRun> => {
    const found = await until(
      `an image starts run ${count} of ${task}`,
      async () => (await imageRuns(task))[count - 1],
    );
    return ended(found.runId);
  };

  async function deliveries(task: string): Promise<Delivery[]> {
    const { body } = await arm.call('GET', `${arm.registryPath}/deliveries?taskName=${task}`);
    return (body as { value: Delivery[] }).value;
  }

  const decided = (task: string, status: string, reason: RegExp): Promise<Delivery> =>
    until(`a delivery of ${task} is ${status} for ${reason}`, async () =>
      (await deliveries(task)).find(
        ({ properties }) => properties.status === status && reason.test(properties.reason ?? ''),
      ),
    );

  test('a push starts a run that says which image; the same digest again does not', async () => {
    await own.push('first/base:v1', 'one');
    await putTask('first-app', `FROM ${own.host}/first/base:v1\n`);
    await runOnce('first-app');
    const digest = await own.push('first/base:v1', 'two');
    const run = await nextImageRun('first-app');
    assert.equal(run.runType, 'AutoBuild');
    assert.deepEqual(run.imageUpdateTrigger?.images, [
      { registry: own.host, repository: 'first/base', tag: 'v1', digest },
    ]);
    assert.ok(Date.parse(run.imageUpdateTrigger.timestamp) > 0 && run.imageUpdateTrigger.id !== '');
    await own.push('first/base:v1', 'two');
    await own.push('first/base:other', 'three');
    // The next digest is heard of after the same one: its run is the second.
    const third = await own.push('first/base:v1', 'four');
    const second = await nextImageRun('first-app', 2);
    assert.equal(second.imageUpdateTrigger?.images[0]?.digest, third);
    // An image that comes back is an update as well.
    await own.push('first/base:v1', 'two');
    const back = await nextImageRun('first-app', 3);
    assert.equal(back.imageUpdateTrigger?.images[0]?.digest, digest);
    assert.equal((await imageRuns('first-app')).length, 3);
  });

  test('Runtime triggers leave build-time images alone, disabled ones all', async () => {
    await own.push('kinds/tools:v1', 'one');
    await own.push('kinds/base:v1', 'one');
    const dockerfile = [
      `FROM ${own.host}/kinds/tools:v1 AS tools`,
      `FROM ${own.host}/kinds/base:v1`,
      'COPY --from=tools /version.txt /tools.txt',
    ].join('\n');
    await putTask('kinds-all', dockerfile);
    await putTask('kinds-runtime', dockerfile, { baseImageTriggerType: 'Runtime' });
    await putTask('kinds-disabled', dockerfile, { status: 'Disabled' });
    for (const task of ['kinds-all', 'kinds-runtime', 'kinds-disabled']) await runOnce(task);
    await own.push('kinds/tools:v1', 'two');
    await nextImageRun('kinds-all');
    await decided('kinds-runtime', 'Ignored', /build time only/);
    await decided('kinds-disabled', 'Ignored', /trigger of the task kinds-disabled is disabled/);
    await own.push('kinds/base:v1', 'two');
    await nextImageRun('kinds-all', 2);
    await nextImageRun('kinds-runtime');
    await until('it was heard', async () => (await deliveries('kinds-disabled')).length === 2);
    assert.equal((await imageRuns('kinds-runtime')).length, 1);
    assert.equal((await imageRuns('kinds-disabled')).length, 0);
  });

  test('a burst of pushes is one run, of the newest', async () => {
    await own.push('burst/base:v1', '0');
    await putTask('burst-app', `FROM ${own.host}/burst/base:v1\n`);
    await runOnce('burst-app');
    let digest = '';
    for (const text of ['1', '2', '3', '4', '5']) digest = await own.push('burst/base:v1', text);
    const run = await nextImageRun('burst-app');
    assert.deepEqual(
      run.imageUpdateTrigger?.images.map((image) => image.digest),
      [digest],
    );
    assert.equal((await deliveries('burst-app')).length, 1);
  });

  test('two images at once are one run that names both', async () => {
    await own.push('both/one:v1', '0');
    await own.push('both/two:v1', '0');
    await putTask(
      'both-app',
      `FROM ${own.host}/both/one:v1 AS one\nFROM ${own.host}/both/two:v1\nCOPY --from=one / /one\n`,
    );
    await runOnce('both-app');
    await Promise.all([own.push('both/one:v1', '1'), own.push('both/two:v1', '1')]);
    const run = await nextImageRun('both-app');
    const names = run.imageUpdateTrigger?.images.map(({ repository }) => repository).sort();
    assert.deepEqual(names, ['both/one', 'both/two']);
    await decided('both-app', 'Ignored', new RegExp(`in run ${run.runId}, with delivery`));
    assert.equal((await imageRuns('both-app')).length, 1);
  });

  test('base → middle → app: each once, in this order, though app stands on both', async () => {
    await own.push('chain/base:v1', '0');
    await putTask('chain-middle', `FROM ${own.host}/chain/base:v1\nARG ID\nLABEL id=$ID\n`);
    await runOnce('chain-middle');
    await putTask(
      'chain-app',
      `FROM ${own.host}/chain/base:v1 AS base\nFROM ${own.host}/chain-middle:v1\nCOPY --from=base / /base\n`,
    );
    await runOnce('chain-app');
    await own.push('chain/base:v1', '1');
    const middle = await nextImageRun('chain-middle');
    const app = await nextImageRun('chain-app');
    assert.ok(Date.parse(app.createTime) >= Date.parse(middle.createTime));
    assert.deepEqual(app.imageUpdateTrigger?.images.map(({ repository }) => repository).sort(), [
      'chain-middle',
      'chain/base',
    ]);
    assert.equal((await imageRuns('chain-app')).length, 1);
    assert.equal((await imageRuns('chain-middle')).length, 1);
  });

  test('a circle of tasks ends where it began', async () => {
    await own.push('ring-a:v1', 'seed');
    await own.push('ring-b:v1', 'seed');
    await putTask('ring-a', `FROM ${own.host}/ring-b:v1\nARG ID\nLABEL a=$ID\n`);
    await putTask('ring-b', `FROM ${own.host}/ring-a:v1\nARG ID\nLABEL b=$ID\n`);
    await runOnce('ring-a');
    await runOnce('ring-b');
    const ignored = await decided('ring-b', 'Ignored', /circle/);
    assert.match(ignored.properties.reason ?? '', /slipway\/ring-b → slipway\/ring-a → slipway\/ring-b/);
    assert.equal((await imageRuns('ring-a')).length, 1);
    assert.equal((await imageRuns('ring-b')).length, 0);
    await own.push('self-a:v1', 'seed');
    await putTask('self-a', `FROM ${own.host}/self-a:v1\nARG ID\nLABEL a=$ID\n`);
    await runOnce('self-a');
    await decided('self-a', 'Ignored', /slipway\/self-a → slipway\/self-a/);
  });

  test('a tag that is deleted starts nothing', async () => {
    const digest = await own.push('gone/base:v1', '0');
    await putTask('gone-app', `FROM ${own.host}/gone/base:v1\n`);
    await runOnce('gone-app');
    await own.deleteManifest('gone/base', digest);
    const next = await own.push('gone/base:v1', '1');
    const run = await nextImageRun('gone-app');
    assert.equal(run.imageUpdateTrigger?.images[0]?.digest, next);
    assert.equal((await deliveries('gone-app')).length, 1);
  });

  test('images of another registry are looked at', async () => {
    const other = await startPlainRegistry();
    try {
      await other.push('their/base:v1', '0');
      await putTask('foreign-app', `FROM ${other.host}/their/base:v1\n`);
      await runOnce('foreign-app');
      const digest = await other.push('their/base:v1', '1');
      const run = await nextImageRun('foreign-app');
      assert.deepEqual(run.imageUpdateTrigger?.images, [
        { registry: other.host, repository: 'their/base', tag: 'v1', digest },
      ]);
    } finally {
      await other.stop();
    }
  });

  const loginTo = (host: string, userName: string, password: string): object => ({
    customRegistries: {
      [host]: {
        userName: { value: userName, type: 'Opaque' },
        password: { value: password, type: 'Opaque' },
      },
    },
  });

  async function lookedAt(repository: string): Promise<{ error?: string; nextCheckTime: string }> {
    const { body } = await arm.call('GET', `${arm.registryPath}/baseImages`);
    const { value } = body as { value: { repository: string; error?: string; nextCheckTime: string }[] };
    const found = value.find((each) => each.repository === repository);
    assert.ok(found, JSON.stringify(value));
    return found;
  }

  test('another registry is asked once for all tasks, with a login of theirs, and left alone when it wants', async () => {
    const other = await startForeignRegistry('Bearer');
    try {
      await other.push('private/base:v1', '0');
      const right = loginTo(other.host, alice.username, alice.password);
      const tasks = ['private-one', 'private-two', 'private-three'];
      for (const task of tasks) {
        await putTask(task, `FROM ${other.host}/private/base:v1\n`, {}, right);
        await runOnce(task);
      }
      // It has enough, and says for how long: nobody asks until then.
      let refusals = 0;
      other.instead = ({ method, userAgent }) =>
        method === 'HEAD' && userAgent === 'slipway' && (refusals += 1) > 0
          ? { status: 429, headers: { 'retry-after': '3' } }
          : undefined;
      const error = await until('it is seen to be busy', async () => (await lookedAt('private/base')).error);
      assert.match(error, /asks to be left alone until/);
      assert.equal(refusals, 1);
      const until429 = Date.parse((await lookedAt('private/base')).nextCheckTime);
      await other.push('private/base:v1', '1');
      other.looks();
      other.instead = ({ userAgent }) => {
        if (userAgent === 'slipway') assert.ok(Date.now() >= until429 - 50, 'it was asked too early');
        return undefined;
      };
      for (const task of tasks) await nextImageRun(task);
      const looks = other.looks();
      assert.ok(looks.every(({ method }) => method === 'HEAD'));
      // Each look is a HEAD that is refused and one with a token, however many tasks there are.
      const logins = looks.filter(({ authorization }) => authorization !== undefined).length;
      assert.equal(logins, looks.length / 2);
      // Wrong logins are seen, and looked at ever more slowly.
      for (const task of tasks)
        await putTask(
          task,
          `FROM ${other.host}/private/base:v1\n`,
          {},
          loginTo(other.host, 'alice', 'wrong'),
        );
      const denied = await until(
        'the login is seen to be wrong',
        async () => (await lookedAt('private/base')).error,
      );
      assert.match(denied, /with the login of a task: 127\S+ does not take the login for 127/);
      await putTask('private-two', `FROM ${other.host}/private/base:v1\n`, {}, right);
      const digest = await other.push('private/base:v1', '2');
      const run = await nextImageRun('private-two', 2);
      assert.equal(run.imageUpdateTrigger?.images[0]?.digest, digest);
    } finally {
      await other.stop();
    }
  });

  test('a local registry is one by all of its names, and what is pinned by its digest stays', async () => {
    const digest = await own.push('names/base:v1', '0');
    const env = await server.clientEnv();
    const alias = own.host.replace('localhost', '127.0.0.1');
    const login = loginTo(alias, env.SLIPWAY_CLIENT_ID ?? '', env.SLIPWAY_CLIENT_SECRET ?? '');
    await putTask('names-app', `FROM ${alias}/names/base:v1\n`, {}, login);
    await putTask('names-pinned', `FROM ${own.host}/names/base:v1@${digest}\n`);
    await runOnce('names-app');
    await runOnce('names-pinned');
    const next = await own.push('names/base:v1', '1');
    const run = await nextImageRun('names-app');
    assert.deepEqual(run.imageUpdateTrigger?.images, [
      { registry: own.host, repository: 'names/base', tag: 'v1', digest: next },
    ]);
    assert.deepEqual(await deliveries('names-pinned'), []);
  });

  test('a registry process that is killed comes back, and a push that nobody told of is found', async () => {
    const [registry = ''] = await readdir(path.join(server.data, 'registry'));
    const directory = path.join(server.data, 'registry', registry);
    await own.push('lost/base:v1', '0');
    await putTask('lost-app', `FROM ${own.host}/lost/base:v1\n`);
    await runOnce('lost-app');
    const pidOf = async (): Promise<number> =>
      Number(await readFile(path.join(directory, 'registry.pid'), 'utf8'));
    const before = await pidOf();
    process.kill(before, 'SIGKILL');
    await until('it was started again', async () => (await pidOf()) !== before);
    const digest = await until('it takes pushes', () => own.push('lost/base:v1', '1').catch(() => undefined));
    const run = await nextImageRun('lost-app');
    assert.equal(run.imageUpdateTrigger?.images[0]?.digest, digest);
    // As if the notification had been lost with a kill: the tag is moved where the registry keeps it.
    const moved = await own.push('lost/base:other', '2');
    const tags = path.join(directory, 'storage/docker/registry/v2/repositories/lost/base/_manifests/tags');
    await writeFile(path.join(tags, 'v1/current/link'), moved);
    const second = await nextImageRun('lost-app', 2);
    assert.equal(second.imageUpdateTrigger?.images[0]?.digest, moved);
  });

  test('app does not wait for ever: middle fails, and app is built on what there is', async () => {
    await own.push('broken/base:v1', '0');
    await putTask('broken-middle', `FROM ${own.host}/broken/base:v1\n`);
    await runOnce('broken-middle');
    const dockerfile = `FROM ${own.host}/broken/base:v1 AS base\nFROM ${own.host}/broken-middle:v1\nCOPY --from=base / /base\n`;
    await putTask('broken-app', dockerfile);
    await runOnce('broken-app');
    await git.commit('broken-middle', {
      Dockerfile: `FROM ${own.host}/broken/base:v1\nCOPY what-is-not-there /\n`,
    });
    await own.push('broken/base:v1', '1');
    const app = await nextImageRun('broken-app');
    assert.deepEqual(
      app.imageUpdateTrigger?.images.map(({ repository }) => repository),
      ['broken/base'],
    );
    const [middle] = await imageRuns('broken-middle');
    assert.equal(middle?.status, 'Failed');
    assert.equal((await imageRuns('broken-middle')).length, 1);
  });

  test('a kill between the push and the run: it runs once', async () => {
    await own.push('kill/base:v1', '0');
    await putTask('kill-app', `FROM ${own.host}/kill/base:v1\n`);
    await runOnce('kill-app');
    await own.push('kill/base:v1', '1');
    await server.end('SIGKILL');
    await server.start();
    await nextImageRun('kill-app');
    assert.equal((await imageRuns('kill-app')).length, 1);
    assert.equal((await deliveries('kill-app')).length, 1);
  });

  test('slipway deliveries and slipway redeliver', async () => {
    const listed = await server.slipway(['deliveries', '--task', 'kill-app']);
    assert.equal(listed.code, 0, listed.stderr);
    assert.match(
      listed.stdout,
      /^ID +TASK +WHAT +STATUS +RUN +REASON\n\d+ +kill-app +image kill\/base:v1 +Started +ca\d+\n$/,
    );
    const images = await server.slipway(['base-images']);
    assert.match(images.stdout, /\/kill\/base:v1 {2}kill-app {2}looked at \d{4}-/);
    const id = /^\d+/m.exec(listed.stdout)?.[0] ?? '';
    const sent = await server.slipway(['redeliver', id]);
    assert.equal(sent.code, 0, sent.stderr);
    await nextImageRun('kill-app', 2);
  });

  test('the hook is for our registries only', async () => {
    const request = (token: string) =>
      server.http.request(`${server.url}/hooks/registry/v1/11111111-1111-1111-1111-111111111111`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ events: [] }),
      });
    assert.equal((await request('guess')).status, 401);
  });
});
