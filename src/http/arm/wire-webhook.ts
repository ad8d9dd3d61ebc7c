import type { Webhook } from '../../control/index.ts';
import { wireTime } from './wire-time.ts';

/** A webhook with its secret, as who sets it up at the provider needs it. */
export function webhookBody(webhook: Webhook): object {
  const { triggerName, providerType, repositoryUrl, url, secret, registration } = webhook;
  const { registrationError, checkedAt, restoredAt, reportError } = webhook;
  return {
    triggerName,
    providerType,
    repositoryUrl,
    url,
    secret: secret.reveal(),
    contentType: 'application/json',
    registration,
    ...(registrationError !== undefined && { registrationError }),
    ...(checkedAt && { checkedTime: wireTime(checkedAt) }),
    ...(restoredAt && { restoredTime: wireTime(restoredAt) }),
    ...(reportError !== undefined && { commitStatusError: reportError }),
  };
}
