import { deliveryStatuses } from '../model/index.ts';
import { integer, text, word } from './members.ts';
import { registryPath, type Operation } from './operation.ts';
import { baseImageListResult, imageUpdateKey, imageWebhook } from './schemas/base-image.ts';
import { delivery, deliveryListResult, webhookListResult } from './schemas/delivery.ts';
import {
  eventSubscription,
  eventSubscriptionListResult,
  outgoingMessageListResult,
} from './schemas/event-subscription.ts';
import { vaultSecret, vaultSecretItem, vaultSecretListResult } from './schemas/vault-secret.ts';

const deliveries = `${registryPath}/deliveries`;
const subscriptions = `${registryPath}/eventSubscriptions`;
const oneSubscription = `${subscriptions}/{subscriptionName}`;
const secrets = `${registryPath}/vaults/{vaultName}/secrets`;

/** Ours: what starts runs by themselves, who hears of runs, and the secrets that they read. */
export const triggerOperations: readonly Operation[] = [
  {
    operationId: 'Deliveries_List',
    method: 'get',
    path: deliveries,
    summary: 'Lists the events that triggers heard of, newest first.',
    query: {
      taskName: text({ description: 'Only those of one task.' }),
      status: word(deliveryStatuses),
      $top: integer({ minimum: 1, description: 'At most so many deliveries.' }),
    },
    responses: { 200: { body: deliveryListResult } },
  },
  {
    operationId: 'Deliveries_Get',
    method: 'get',
    path: `${deliveries}/{deliveryId}`,
    summary: 'Gets an event, with the run that it started or why it started none.',
    responses: { 200: { body: delivery } },
  },
  {
    operationId: 'Deliveries_Redeliver',
    method: 'post',
    path: `${deliveries}/{deliveryId}/redeliver`,
    summary: 'Has an event decided once more; so a pull request of a fork is run.',
    responses: { 200: { body: delivery } },
  },
  {
    operationId: 'Tasks_ListWebhooks',
    method: 'post',
    path: `${registryPath}/tasks/{taskName}/listWebhooks`,
    summary: 'Gets the webhooks of a task, with their secrets.',
    responses: { 200: { body: webhookListResult } },
  },
  {
    operationId: 'EventSubscriptions_List',
    method: 'get',
    path: subscriptions,
    summary: 'Lists who hears of the runs of a registry.',
    responses: { 200: { body: eventSubscriptionListResult } },
  },
  {
    operationId: 'EventSubscriptions_Get',
    method: 'get',
    path: oneSubscription,
    summary: 'Gets an event subscription, without its secret.',
    responses: { 200: { body: eventSubscription } },
  },
  {
    operationId: 'EventSubscriptions_CreateOrUpdate',
    method: 'put',
    path: oneSubscription,
    summary: 'Makes an event subscription, or replaces it; without a secret it keeps its own.',
    request: eventSubscription,
    responses: { 200: { body: eventSubscription }, 201: { body: eventSubscription } },
  },
  {
    operationId: 'EventSubscriptions_Delete',
    method: 'delete',
    path: oneSubscription,
    summary: 'Deletes an event subscription, with what it waits for.',
    responses: { 200: {}, 204: {} },
  },
  {
    operationId: 'EventSubscriptions_ListDeliveries',
    method: 'get',
    path: `${oneSubscription}/deliveries`,
    summary: 'Lists the newest messages to a subscriber.',
    responses: { 200: { body: outgoingMessageListResult } },
  },
  {
    operationId: 'BaseImages_List',
    method: 'get',
    path: `${registryPath}/baseImages`,
    summary: 'Lists the images that tasks stand on: when they were looked at, and what was wrong.',
    responses: { 200: { body: baseImageListResult } },
  },
  {
    operationId: 'Registries_ListImageWebhook',
    method: 'post',
    path: `${registryPath}/listImageWebhook`,
    summary: 'Gets where other registries tell that images were pushed.',
    responses: { 200: { body: imageWebhook } },
  },
  {
    operationId: 'Registries_ListImageUpdateKey',
    method: 'post',
    path: `${registryPath}/listImageUpdateKey`,
    summary: 'Gets the key that signs what the endpoints of base image triggers get.',
    responses: { 200: { body: imageUpdateKey } },
  },
  {
    operationId: 'VaultSecrets_List',
    method: 'get',
    path: secrets,
    summary: 'Lists the secrets of a vault, without their values.',
    responses: { 200: { body: vaultSecretListResult } },
  },
  {
    operationId: 'VaultSecrets_Set',
    method: 'put',
    path: `${secrets}/{secretName}`,
    summary: 'Sets the value of a secret.',
    request: vaultSecret,
    responses: { 200: { body: vaultSecretItem } },
  },
  {
    operationId: 'VaultSecrets_Delete',
    method: 'delete',
    path: `${secrets}/{secretName}`,
    summary: 'Deletes a secret with all its versions.',
    responses: { 200: {}, 204: {} },
  },
];
