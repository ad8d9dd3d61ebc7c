import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { startReceiver, type Receiver } from '../../test/support/receiver.ts';
import { openPost } from './post-message.ts';

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
