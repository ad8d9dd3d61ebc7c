import { createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError, type Registry } from '../../model/index.ts';
import { readPushWebhook } from '../../registry/index.ts';
import { findRegistryById, recordForeignPushes } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { longestSettleMs, settleMs } from './settle.ts';

/** So many tags of one message are looked at. */
const mostTags = 100;

/**
 * Where registries of others tell that images were pushed which tasks of a registry stand on. Most cannot sign,
 * so the URL is the secret; all that it is good for is that images are looked at sooner.
 */
export function imageWebhookUrl(
  { config }: Pick<ControlDeps, 'config'>,
  { registryId }: Pick<Registry, 'registryId'>,
): string {
  const token = createHmac('sha256', config.hookKey).update(`images/${registryId}`).digest('base64url');
  return `${config.hooksUrl}/hooks/images/v1/${registryId}/${token}`;
}

/**
 * Has the images that a registry says were pushed looked at when pushes have settled.
 * @returns how many of them some task stands on.
 * @throws ServiceError 404 `HookNotFound` for a wrong URL.
 */
export async function receiveImageWebhook(
  deps: ControlDeps,
  registryId: string,
  token: string,
  payload: unknown,
): Promise<number> {
  const expected = Buffer.from(imageWebhookUrl(deps, { registryId }).replace(/^.*\//, ''));
  const given = Buffer.from(token);
  const isKnown = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isKnown || !(await findRegistryById(deps.store.db, registryId))) {
    throw new ServiceError(404, 'HookNotFound', 'there is no webhook at this URL');
  }
  const pushed = readPushWebhook(payload).slice(0, mostTags);
  return recordForeignPushes(deps.store.db, pushed, { now: deps.now(), settleMs, longestSettleMs });
}
