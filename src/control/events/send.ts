import { createHmac } from 'node:crypto';
import {
  longestMessageSeconds,
  messageOf,
  messagePauseSeconds,
  type OutgoingMessage,
} from '../../model/index.ts';
import {
  deleteMessagesBefore,
  findEventSubscription,
  recordSending,
  takeMessages,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

const takenSeconds = 60;
const timeoutMs = 10_000;
const batch = 20;
const keptDays = 7;

/** The key under which the calls of a registry's base image triggers are signed. */
export function imageUpdateKey({ config }: Pick<ControlDeps, 'config'>, registryId: string): string {
  return createHmac('sha256', config.hookKey).update(`image-updates/${registryId}`).digest('base64url');
}

/** Sends the messages that are due. Any number of servers may do so at once. @returns how many there were. */
export async function sendMessages(deps: ControlDeps): Promise<number> {
  const now = deps.now();
  const until = new Date(now.getTime() + takenSeconds * 1000);
  const messages = await takeMessages(deps.store.db, now, until, batch);
  await Promise.all(messages.map((message) => send(deps, message)));
  return messages.length;
}

async function send(deps: ControlDeps, message: OutgoingMessage): Promise<void> {
  const { db } = deps.store;
  const { messageId, tries, createdAt } = message;
  try {
    await post(deps, message);
    await recordSending(db, messageId, { status: 'Sent' }, deps.now());
  } catch (error) {
    const now = deps.now();
    const reason = messageOf(error);
    const nextTryAt = new Date(now.getTime() + messagePauseSeconds(tries) * 1000);
    const isOver = nextTryAt.getTime() - createdAt.getTime() > longestMessageSeconds * 1000;
    await recordSending(
      db,
      messageId,
      isOver ? { status: 'Failed', error: reason } : { status: 'Pending', error: reason, nextTryAt },
      now,
    );
    deps.log.warn({ messageId, tries, reason, isGivenUp: isOver }, 'an event could not be sent');
  }
}

async function post(deps: ControlDeps, message: OutgoingMessage): Promise<void> {
  const { messageId, registryId, subscriptionKey, eventType, sealedToken } = message;
  const subscription =
    subscriptionKey === undefined
      ? undefined
      : await findEventSubscription(deps.store.db, registryId, subscriptionKey);
  const url = subscription?.endpoint ?? message.endpoint;
  if (url === undefined) return; // the subscription was deleted just now
  const key = subscription
    ? deps.sealer.open(subscription.sealedSecret, registryId).reveal()
    : imageUpdateKey(deps, registryId);
  const token = sealedToken && { updateTriggerToken: deps.sealer.open(sealedToken, registryId).reveal() };
  const body = JSON.stringify({ ...message.body, ...token });
  const timestamp = String(Math.floor(deps.now().getTime() / 1000));
  const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
  const isCloudEvent = subscription?.format === 'CloudEvents';
  await deps.post(
    url,
    {
      'content-type': isCloudEvent ? 'application/cloudevents+json; charset=utf-8' : 'application/json',
      'user-agent': 'slipway',
      'x-slipway-event': eventType,
      'x-slipway-delivery': String(messageId),
      'x-slipway-timestamp': timestamp,
      'x-slipway-signature-256': `sha256=${signature}`,
    },
    body,
    AbortSignal.timeout(timeoutMs),
  );
}

/** Forgets what was sent, or given up, a week ago. */
export async function forgetMessages(deps: ControlDeps): Promise<void> {
  const oldest = new Date(deps.now().getTime() - keptDays * 24 * 3600 * 1000);
  while ((await deleteMessagesBefore(deps.store.db, oldest, batch)) === batch);
}
