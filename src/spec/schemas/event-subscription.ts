import type { Static } from 'typebox';
import {
  dateTime,
  filledText,
  integer,
  list,
  object,
  optional,
  readOnly,
  secretText,
  text,
  word,
} from '../members.ts';
import { eventFormats, eventTypes } from '../../model/index.ts';

/** Ours: the body of a PUT of an event subscription. */
export const eventSubscription = object(
  {
    id: readOnly(text()),
    name: readOnly(text()),
    type: readOnly(text()),
    properties: object({
      endpoint: filledText({
        maxLength: 2000,
        pattern: '^[hH][tT][tT][pP][sS]?://[^\\s/?#@]+([/?#]\\S*)?$',
        rule: 'an http or https URL without user and password',
      }),
      secret: optional(
        secretText({ minLength: 16, description: 'Signs what is sent; needed when it is made.' }),
      ),
      eventTypes: list(word(eventTypes), { default: eventTypes }),
      format: word(eventFormats, { default: 'Webhook' }),
      status: word(['Enabled', 'Disabled'] as const, { default: 'Enabled' }),
    }),
  },
  { $id: 'EventSubscription' },
);

export type EventSubscriptionRequest = Static<typeof eventSubscription>;

export const eventSubscriptionListResult = object(
  { value: list(eventSubscription) },
  { $id: 'EventSubscriptionListResult' },
);

/** What was sent to a subscriber, or is to be, in answers only. */
const outgoingMessage = object(
  {
    name: text(),
    properties: object({
      eventType: text(),
      runId: text(),
      status: word(['Pending', 'Sent', 'Failed'] as const),
      tries: integer({ minimum: 0 }),
      lastError: optional(text()),
      createdTime: dateTime,
      endedTime: optional(dateTime),
      nextTryTime: optional(dateTime),
    }),
  },
  { $id: 'OutgoingMessage' },
);

export const outgoingMessageListResult = object(
  { value: list(outgoingMessage) },
  { $id: 'OutgoingMessageListResult' },
);
