import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  longestMessageSeconds,
  messageOf,
  messagePauseSeconds,
  ServiceError,
  type OutgoingMessage,
} from '../../model/index.ts';
import {
  deleteMessagesBefore,
  findEventSubscription,
  receiverOf,
  recordSending,
  takeMessages,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { hookToken } from '../hook-token.ts';

const takenSeconds = 60;
const timeoutMs = 10_000;
/** So many are sent at once, and so many of them to one receiver. */
const mostAtOnce = 20;
const mostPerReceiver = 4;
const forgottenAtOnce = 200;
const keptDays = 7;

/** The key under which the calls of a registry's base image triggers are signed. */
export function imageUpdateKey(deps: Pick<ControlDeps, 'config'>, registryId: string): string {
  return hookToken(deps, 'image-updates', registryId);
}

/**
 * Sends messages. Any number of servers may do so at once.
 */
export interface Sender {
  /** Begins to send those that are due and returns, latest after `pauseMs`, when it may be worth to look again. */
  sendDue(pauseMs: number, signal: AbortSignal): Promise<void>;
  /** Waits for what is being sent. */
  end(): Promise<void>;
}

export function openSender(deps: ControlDeps): Sender {
  /** What is being sent, and to whom. */
  const underWay = new Map<Promise<void>, string>();
  return {
    async sendDue(pauseMs, signal) {
      const now = deps.now();
      const until = new Date(now.getTime() + takenSeconds * 1000);
      const all = mostAtOnce - underWay.size;
      const busy = [...new Set(underWay.values())];
      const messages =
        all > 0
          ? await takeMessages(deps.store.db, now, until, { all, perReceiver: mostPerReceiver, busy })
          : [];
      for (const message of messages) {
        const sending = send(deps, message).finally(() => underWay.delete(sending));
        sending.catch(() => {}); // the database is away: it is sent again when it is nobody's any more
        underWay.set(sending, receiverOf(message));
      }
      const woken = new AbortController();
      const pause = delay(pauseMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) });
      await Promise.race([pause, ...underWay.keys()]).catch(() => {});
      woken.abort();
      await pause.catch(() => {});
    },
    async end() {
      await Promise.allSettled(underWay.keys());
    },
  };
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
    const isHopeless = error instanceof ServiceError; // of the endpoint
    const isOver = isHopeless || nextTryAt.getTime() - createdAt.getTime() > longestMessageSeconds * 1000;
    await recordSending(
      db,
      messageId,
      isOver ? { status: 'Failed', error: reason } : { status: 'Pending', error: reason, nextTryAt },
      now,
    );
    const { eventType, runId } = message;
    const fields = { messageId, eventType, runId, tries, reason, isGivenUp: isOver };
    deps.log.warn(fields, 'an event could not be sent');
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
  while ((await deleteMessagesBefore(deps.store.db, oldest, forgottenAtOnce)) === forgottenAtOnce);
}
