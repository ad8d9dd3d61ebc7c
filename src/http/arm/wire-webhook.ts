import type { Webhook } from '../../control/index.ts';

/** A webhook with its secret, as who sets it up at the provider needs it. */
export function webhookBody(webhook: Webhook): object {
  const { triggerName, providerType, repositoryUrl, url, secret, registration } = webhook;
  const { registrationError, reportError } = webhook;
  return {
    triggerName,
    providerType,
    repositoryUrl,
    url,
    secret: secret.reveal(),
    contentType: 'application/json',
    registration,
    ...(registrationError !== undefined && { registrationError }),
    ...(reportError !== undefined && { commitStatusError: reportError }),
  };
}
