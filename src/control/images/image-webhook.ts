import { ServiceError, type Registry } from '../../model/index.ts';
import { readPushWebhook } from '../../registry/index.ts';
import { findRegistryById, recordForeignPushes } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { hookToken, isHookToken } from '../hook-token.ts';
import { longestSettleMs, settleMs } from './settle.ts';

/** So many tags of one message are looked at. */
const mostTags = 100;

/**
 * Where registries of others tell that images were pushed which tasks of a registry stand on. Most cannot sign,
 * so the URL is the secret; all that it is good for is that images are looked at sooner.
 */
export function imageWebhookUrl(
  deps: Pick<ControlDeps, 'config'>,
  { registryId }: Pick<Registry, 'registryId'>,
): string {
  return `${deps.config.hooksUrl}/hooks/images/v1/${registryId}/${hookToken(deps, 'images', registryId)}`;
}

/** Whether a URL is that of the registry; asks no database. @throws ServiceError 404 `HookNotFound`. */
export function requireImageWebhook(
  deps: Pick<ControlDeps, 'config'>,
  registryId: string,
  token: string,
): void {
  if (!isHookToken(deps, 'images', registryId, token)) {
    throw new ServiceError(404, 'HookNotFound', 'there is no webhook at this URL');
  }
}

/**
 * Has the images that a registry says were pushed looked at when pushes have settled.
 * @returns how many of them some task stands on.
 */
export async function receiveImageWebhook(
  deps: ControlDeps,
  registryId: string,
  payload: unknown,
): Promise<number> {
  if (!(await findRegistryById(deps.store.db, registryId))) return 0; // deleted just now
  const pushed = readPushWebhook(payload).slice(0, mostTags);
  const times = { now: deps.now(), settleMs, longestSettleMs };
  return deps.store.db.transaction().execute((trx) => recordForeignPushes(trx, pushed, times));
}
