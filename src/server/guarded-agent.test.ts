import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { startReceiver, type Receiver } from '../../test/support/receiver.ts';
import { anyButMachineOnly, onlyHosts } from './address-rules.ts';
import { openPost } from './post-message.ts';

for (const address of [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '168.63.129.16',
  '100.100.100.200',
])
  test(`${address} is never connected to`, () => {
    assert.match(anyButMachineOnly(address, 'named.example.org') ?? '', /for this machine only/);
    assert.match(onlyHosts(['*', address])(address, address) ?? '', /for this machine only/);
  });

for (const address of ['127.0.0.1', '127.9.9.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'])
  test(`events go to ${address} only by a name that is allowed`, () => {
    assert.match(onlyHosts(['*'])(address, 'here.example.org') ?? '', /is this machine/);
    assert.equal(onlyHosts(['*', 'here.example.org'])(address, 'here.example.org'), undefined);
    assert.equal(onlyHosts(['*.example.org'])(address, 'here.example.org'), undefined);
  });

for (const [hosts, host, isAllowed] of [
  [['*'], 'hooks.internal', true],
  [['hooks.internal'], 'hooks.internal', true],
  [['hooks.internal'], 'other.internal', false],
  [['*.internal'], 'hooks.internal', true],
  [['*.internal'], 'internal', false],
  [['*.internal'], 'hooks.notinternal', false],
] as const)
  test(`--event-hosts ${hosts.join()} ${isAllowed ? 'allows' : 'refuses'} ${host}`, () => {
    assert.equal(onlyHosts(hosts)('10.1.2.3', host) === undefined, isAllowed);
  });

describe('messages', () => {
  let receiver: Receiver;
  before(async () => {
    receiver = await startReceiver();
  });
  after(() => receiver.stop());

  async function post(hosts: readonly string[], url: string): Promise<void> {
    const events = openPost(hosts);
    try {
      await events.post(url, {}, '{}', AbortSignal.timeout(5000));
    } finally {
      await events.close();
    }
  }

  test('names are looked at when they have been resolved, and addresses as they are', async () => {
    const { port } = new URL(receiver.url);
    await assert.rejects(post(['*'], receiver.url), /this machine/);
    await assert.rejects(post(['*'], `http://localhost:${port}/`), /this machine/);
    await assert.rejects(post(['*'], `http://2130706433:${port}/`), /this machine/);
    await assert.rejects(post(['*'], `http://[::ffff:7f00:1]:${port}/`), /this machine/);
    await assert.rejects(
      post(['*', '169.254.169.254'], 'http://169.254.169.254/latest/'),
      /for this machine only/,
    );
    assert.equal(receiver.received.length, 0);
    // What never can be sent is not tried again.
    await assert.rejects(post(['*'], 'ftp://example.org/'), ServiceError);
    await assert.rejects(post(['*'], 'not a URL'), ServiceError);
    await post(['*', 'localhost', '127.0.0.1'], receiver.url);
    await post(['localhost'], `http://localhost:${port}/`);
    assert.equal(receiver.received.length, 2);
  });
});
