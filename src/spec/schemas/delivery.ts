import { deliveryStatuses, hookRegistrations, providerTypes } from '../../model/index.ts';
import { dateTime, integer, list, object, optional, text, word } from '../members.ts';
import { resourceMembers } from './common.ts';
import { imageUpdateTrigger, sourceTriggerDescriptor, timerTriggerDescriptor } from './run.ts';

/** An event that started a run, or did not, in answers only. Ours: the specification has no word for it. */
export const delivery = object(
  {
    ...resourceMembers,
    properties: object({
      task: text(),
      triggerName: text({ description: 'Of the task.' }),
      status: word(deliveryStatuses),
      reason: optional(text({ description: 'Why no run was started, or not yet.' })),
      runId: optional(text()),
      tries: integer({ minimum: 0 }),
      receivedTime: dateTime,
      decidedTime: optional(dateTime),
      nextTryTime: optional(dateTime),
      redeliveryOf: optional(text({ description: 'The delivery that was sent again by hand.' })),
      imageUpdateTrigger: optional(imageUpdateTrigger),
      sourceTrigger: optional(sourceTriggerDescriptor),
      timerTrigger: optional(timerTriggerDescriptor),
    }),
  },
  { $id: 'Delivery' },
);

export const deliveryListResult = object(
  { value: list(delivery), nextLink: optional(text()) },
  { $id: 'DeliveryListResult' },
);

/** Where a provider sends the events of a source trigger, in answers only. */
const webhook = object(
  {
    triggerName: text(),
    providerType: word(providerTypes),
    repositoryUrl: text(),
    url: text({ description: 'Where the provider sends its events.' }),
    secret: text({ description: 'With which it signs them.' }),
    contentType: text(),
    registration: word(hookRegistrations),
    registrationError: optional(text({ description: 'Why it is not registered, or what is amiss with it.' })),
    checkedTime: optional(dateTime),
    restoredTime: optional(dateTime),
    commitStatusError: optional(text({ description: 'Why commits do not show how their runs went.' })),
  },
  { $id: 'Webhook' },
);

export const webhookListResult = object({ value: list(webhook) }, { $id: 'WebhookListResult' });
