import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { archiveOf } from './support/archive.ts';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import { serveGit } from './support/git-server.ts';
import { pusherOf } from './support/oci.ts';
import { assertSigned, startReceiver, type Receiver } from './support/receiver.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

const secret = 'a-secret-of-events-4711';

interface RunEvent {
  readonly id: string;
  readonly type: string;
  readonly run: { readonly runId: string; readonly status: string };
}

interface Message {
  readonly properties: { readonly status: string; readonly tries: number; readonly lastError?: string };
}

/** Others hear of runs: a receiver of their own, on a real server with an agent. */
describe('events', () => {
  let server: TestServer;
  let arm: ArmClient;
  let source: string;
  const receivers: Receiver[] = [];

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    arm = await ArmClient.connect(server);
    source = await arm.upload(await archiveOf([{ name: 'Dockerfile', body: 'FROM scratch\nCOPY . /\n' }]));
  });
  after(async () => {
    for (const each of receivers) await each.stop();
    await server.stop();
  });

  async function subscribe(name: string, properties: object = {}): Promise<Receiver> {
    const receiver = await startReceiver();
    receivers.push(receiver);
    const answer = await put(name, { endpoint: receiver.url, secret, ...properties });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return receiver;
  }

  const pathOf = (name: string): string => `${arm.registryPath}/eventSubscriptions/${name}`;
  const put = (name: string, properties: object) => arm.call('PUT', pathOf(name), { properties });
  const remove = (name: string) => arm.call('DELETE', pathOf(name));

  async function messages(name: string): Promise<Message['properties'][]> {
    const { body } = await arm.call('GET', `${pathOf(name)}/deliveries`);
    return (body as { value: Message[] }).value.map(({ properties }) => properties);
  }

  async function build(): Promise<string> {
    const { body } = await arm.schedule({ sourceLocation: source });
    return (body as WireRun).properties.runId;
  }

  async function ended(runId: string): Promise<void> {
    await until(`${runId} has ended`, async () => isEnded(await arm.run(runId)));
  }

  const eventsOf = (receiver: Receiver, runId: string): RunEvent[] =>
    (receiver.taken() as unknown as RunEvent[]).filter(({ run }) => run.runId === runId);

  test('a run is told of in order, signed', async () => {
    const receiver = await subscribe('plain');
    const runId = await build();
    await until('all was told', () => eventsOf(receiver, runId).length === 3);
    const told = eventsOf(receiver, runId).map(({ type, run }) => `${type} ${run.status}`);
    assert.deepEqual(told, ['RunQueued Queued', 'RunStarted Started', 'RunFinished Succeeded']);
    for (const each of receiver.received) assertSigned(each, secret);
    await remove('plain');
  });

  test('what fails comes again, in order, and is seen to fail', async () => {
    const receiver = await subscribe('failing');
    receiver.status = 500;
    const runId = await build();
    await ended(runId);
    await until('it was refused', () => receiver.received.length > 0);
    const [oldest] = (await messages('failing')).reverse();
    assert.equal(oldest?.status, 'Pending');
    await until('the error is seen', async () =>
      /answered 500/.test((await messages('failing')).at(-1)?.lastError ?? ''),
    );
    receiver.status = 200;
    await until('all was told', () => eventsOf(receiver, runId).length === 3);
    assert.deepEqual(
      eventsOf(receiver, runId).map(({ type }) => type),
      ['RunQueued', 'RunStarted', 'RunFinished'],
    );
    await until('all is sent', async () =>
      (await messages('failing')).every(({ status }) => status === 'Sent'),
    );
    await remove('failing');
  });

  test('a redirect is not followed', async () => {
    const receiver = await subscribe('redirected', { eventTypes: ['RunQueued'] });
    receiver.status = 302;
    await ended(await build());
    await until('the error is seen', async () =>
      /answered 302/.test((await messages('redirected')).at(-1)?.lastError ?? ''),
    );
    await remove('redirected');
  });

  test('as CloudEvents, of the types that were asked for', async () => {
    const receiver = await subscribe('cloud', { format: 'CloudEvents', eventTypes: ['RunFinished'] });
    const runId = await build();
    const [event] = await until('it was told', () => receiver.taken().length > 0 && receiver.taken());
    assert.match(String(receiver.received[0]?.headers['content-type']), /^application\/cloudevents\+json/);
    assert.equal(event?.specversion, '1.0');
    assert.equal(event.type, 'slipway.RunFinished');
    assert.equal(event.subject, `runs/${runId}`);
    assert.match(String(event.source), /\/registries\/slipway$/);
    assert.equal((event.data as RunEvent).run.status, 'Succeeded');
    assert.equal(receiver.received.length, 1);
    await remove('cloud');
  });

  test('a kill of the server loses nothing', async () => {
    const receiver = await subscribe('survivor');
    receiver.status = 503;
    const runId = await build();
    await ended(runId);
    await server.end('SIGKILL');
    receiver.status = 200;
    await server.start();
    await until('all was told', () => eventsOf(receiver, runId).length === 3);
    assert.equal(eventsOf(receiver, runId).at(-1)?.type, 'RunFinished');
    await remove('survivor');
  });

  test('a subscription never answers its secret, keeps it, and says what is wrong', async () => {
    assert.equal((await put('wrong', { endpoint: 'https://example.org/' })).status, 400);
    assert.equal((await put('wrong', { endpoint: 'https://a:b@example.org/', secret })).status, 400);
    assert.equal((await put('wrong', { endpoint: 'ftp://example.org/', secret })).status, 400);
    assert.equal(
      (await put('quiet', { endpoint: 'https://example.org/', secret, status: 'Disabled' })).status,
      201,
    );
    const { status, body } = await put('quiet', { endpoint: 'https://example.org/b', status: 'Disabled' });
    assert.equal(status, 200);
    assert.ok(!JSON.stringify(body).includes(secret));
    const listed = await server.slipway(['events', 'list']);
    assert.match(
      listed.stdout,
      /^quiet +Disabled +Webhook +RunQueued,RunStarted,RunFinished +https:\/\/example\.org\/b\n$/,
    );
    assert.equal((await server.slipway(['events', 'remove', 'quiet'])).code, 0);
    assert.equal((await arm.call('GET', pathOf('quiet'))).status, 404);
    assert.equal((await remove('quiet')).status, 204);
  });

  test('slipway events add, list and remove, with a receiver', async () => {
    const receiver = await startReceiver();
    receivers.push(receiver);
    const file = path.join(server.directory, 'events.secret');
    await writeFile(file, `${secret}\n`);
    const add = ['events', 'add', 'by-hand', receiver.url, '--secret-file', file];
    const added = await server.slipway([...add, '--type', 'RunQueued', '--format', 'CloudEvents']);
    assert.equal(added.code, 0, added.stderr);
    const listed = await server.slipway(['events', 'list', '--json']);
    const [only] = JSON.parse(listed.stdout) as { name: string; properties: Record<string, unknown> }[];
    assert.deepEqual(
      [only?.name, only?.properties.endpoint, only?.properties.eventTypes, only?.properties.format],
      ['by-hand', receiver.url, ['RunQueued'], 'CloudEvents'],
    );
    await ended(await build());
    const [received] = await until('it was told', () => receiver.received.length > 0 && receiver.received);
    assert.ok(received);
    assertSigned(received, secret);
    const event = JSON.parse(received.body) as Record<string, unknown>;
    assert.equal(event.datacontenttype, 'application/json');
    assert.match(String(event.time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.match(String(received.headers['x-slipway-delivery']), /^\d+$/);
    assert.ok(Math.abs(Number(received.headers['x-slipway-timestamp']) * 1000 - Date.now()) < 60_000);
    assert.equal((await server.slipway(['events', 'remove', 'by-hand'])).code, 0);
    await ended(await build());
    assert.equal(receiver.received.length, 1);
    const gone = await server.slipway(['events', 'remove', 'by-hand']);
    assert.match(gone.stderr, /there is no event subscription by-hand/);
    assert.equal(gone.code, 1);
  });

  test('a receiver that does not answer holds up nobody else', async () => {
    const dead = await subscribe('dead', { eventTypes: ['RunQueued'] });
    const { promise, resolve } = Promise.withResolvers<void>();
    dead.hold = promise;
    const runIds: string[] = [];
    for (let each = 0; each < 30; each += 1) {
      const { body } = await arm.schedule({ sourceLocation: 'https://example.invalid/x.git' });
      runIds.push((body as WireRun).properties.runId);
    }
    await until('it is being told', () => dead.received.length >= 4);
    const alive = await subscribe('alive', { eventTypes: ['RunQueued'] });
    const runId = await build();
    // Four tries at a time that each last ten seconds: the dead one's would take longer than this waits.
    await until('the other was told', () => eventsOf(alive, runId).length === 1);
    resolve();
    await until('it was told all', () => runIds.every((each) => eventsOf(dead, each).length > 0));
    await remove('dead');
    await remove('alive');
  });

  test('events go to this machine only where it is named', async () => {
    const receiver = await startReceiver();
    receivers.push(receiver);
    const endpoint = receiver.url.replace('127.0.0.1', 'localhost');
    assert.equal((await put('inward', { endpoint, secret, eventTypes: ['RunQueued'] })).status, 201);
    await ended(await build());
    await until('the error is seen', async () =>
      /localhost is this machine, which --event-hosts has to name/.test(
        (await messages('inward')).at(-1)?.lastError ?? '',
      ),
    );
    assert.equal(receiver.received.length, 0);
    await remove('inward');
  });

  test('an image update tells the endpoint of its trigger, with the token of the last run that had one', async () => {
    const receiver = await startReceiver();
    receivers.push(receiver);
    const git = await serveGit();
    try {
      const own = await pusherOf(server);
      await own.push('told/base:v1', '0');
      await git.commit('main', { Dockerfile: `FROM ${own.host}/told/base:v1\n` });
      const taskId = `${arm.registryPath}/tasks/told-app`;
      const baseImageTrigger = {
        name: 'base',
        baseImageTriggerType: 'All',
        updateTriggerEndpoint: receiver.url,
        updateTriggerPayloadType: 'Token',
      };
      const step = {
        type: 'Docker',
        contextPath: git.url,
        dockerFilePath: 'Dockerfile',
        imageNames: ['told:v1'],
      };
      const made = await arm.call('PUT', taskId, {
        location: 'local',
        properties: { platform: { os: 'linux' }, step, trigger: { baseImageTrigger } },
      });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      const { body } = await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
        type: 'TaskRunRequest',
        taskId,
        overrideTaskStepProperties: { updateTriggerToken: 'dG9rZW4=' },
      });
      await ended((body as WireRun).properties.runId);
      const digest = await own.push('told/base:v1', '1');
      const [told] = await until('it was told', () => receiver.taken().length > 0 && receiver.taken());
      assert.equal(told?.task, 'told-app');
      assert.equal(told.updateTriggerToken, 'dG9rZW4=');
      assert.match(String(told.runId), /^ca\d+$/);
      assert.deepEqual(told.images, [{ registry: own.host, repository: 'told/base', tag: 'v1', digest }]);
      const answer = await arm.call('POST', `${arm.registryPath}/listImageUpdateKey`);
      const [received] = receiver.received;
      assert.ok(received);
      assertSigned(received, (answer.body as { key: string }).key);
      await ended(String(told.runId));
    } finally {
      await git.stop();
    }
  });
});
