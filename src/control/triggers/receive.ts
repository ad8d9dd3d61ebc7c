import { createHash } from 'node:crypto';
import { readHook, type HookMessage, type HookRequest, type SourceEvent } from '../../forges/index.ts';
import { ServiceError, type RunTrigger, type Secret } from '../../model/index.ts';
import type { SourceTrigger, Task } from '../../spec/index.ts';
import { findHookWithTask, insertDelivery, notify, type NewDelivery } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { whyHeld, whyIgnored } from './match.ts';

export interface HookAnswer {
  /** `Accepted` starts a run, `Duplicate` came before; `Ignored` says why. */
  readonly status: 'Accepted' | 'Duplicate' | 'Ignored';
  readonly reason?: string;
  readonly deliveryIds: readonly number[];
}

/** A webhook of a trigger, with its task as it is now. */
export interface OpenHook {
  readonly hookId: string;
  readonly registryId: string;
  readonly taskName: string;
  readonly properties: Task['properties'];
  readonly trigger: SourceTrigger;
  readonly secret: Secret;
}

/** Whose a webhook's URL is. @throws ServiceError 404 `HookNotFound`, also when its task or registry is going. */
export async function findHook(deps: ControlDeps, hookId: string): Promise<OpenHook> {
  const found = isUuid(hookId) ? await findHookWithTask(deps.store.db, hookId) : undefined;
  // written by putTask only; its secrets are sealed, and none is needed here
  const properties = found?.properties as Task['properties'] | undefined;
  const trigger = properties?.trigger?.sourceTriggers?.find(({ name }) => name === found?.hook.triggerName);
  if (!found || !properties || !trigger) {
    const message = 'there is no webhook at this URL; its trigger or its task is gone';
    throw new ServiceError(404, 'HookNotFound', message);
  }
  const { hook, taskName } = found;
  const { registryId } = hook;
  const secret = deps.sealer.open(hook.secret, registryId);
  return { hookId: hook.hookId, registryId, taskName, properties, trigger, secret };
}

/**
 * Takes what a webhook sends. When this answers, its events are stored for good, each once: a run of each
 * that matches its trigger is started afterwards.
 * @throws ServiceError 401 `HookNotAuthentic`; 400 `InvalidPayload`.
 */
export async function receiveHook(
  deps: ControlDeps,
  { hookId, registryId, taskName, properties, trigger, secret }: OpenHook,
  request: HookRequest,
): Promise<HookAnswer> {
  const message = readHook(request, secret);
  if (message.events.length === 0) {
    const what = message.about === '' ? 'event' : message.about.slice(0, 100);
    return { status: 'Ignored', reason: `${what} is no commit or pull request`, deliveryIds: [] };
  }
  const bodyDigest = createHash('sha256').update(request.body).digest('hex');
  const now = deps.now();
  const deliveries = message.events.map((event): NewDelivery => {
    const isHolding = deps.config.forkPullRequests === 'hold';
    const ignoredBecause =
      whyIgnored(properties, trigger, message, event) ?? (isHolding ? whyHeld(event) : undefined);
    const id = message.deliveryId ?? bodyDigest;
    const ref = event.tag === undefined ? `heads/${event.branch ?? ''}` : `tags/${event.tag}`;
    const key = event.sameAs !== undefined && !ignoredBecause ? event.sameAs : `${id} ${ref}`;
    return {
      registryId,
      taskName,
      triggerName: trigger.name,
      // an id may be as long as its sender likes, but an index entry may not
      eventKey: `hook ${digest(`${hookId}\n${key}`)}`,
      payloadDigest: digest(`${hookId} ${bodyDigest} ${ref}`),
      trigger: triggerOf(message, trigger, event, id),
      now,
      ...(ignoredBecause !== undefined && { ignoredBecause }),
    };
  });
  const inserted = await deps.store.db.transaction().execute(async (trx) => {
    const rows = [];
    for (const delivery of deliveries) rows.push(await insertDelivery(trx, delivery));
    if (rows.some((row) => row?.status === 'Pending')) await notify(trx, 'delivery', 'any');
    return rows.filter((row) => row !== undefined);
  });
  const deliveryIds = inserted.map(({ deliveryId }) => deliveryId);
  const reason = inserted.find((row) => row.reason !== undefined)?.reason;
  if (inserted.length === 0) return { status: 'Duplicate', deliveryIds };
  if (inserted.some(({ status }) => status === 'Pending')) return { status: 'Accepted', deliveryIds };
  return { status: 'Ignored', deliveryIds, ...(reason !== undefined && { reason }) };
}

function triggerOf(
  { providerType }: HookMessage,
  { sourceRepository }: SourceTrigger,
  { kind, commitId, branch, tag, pullRequestId }: SourceEvent,
  id: string,
): RunTrigger {
  return {
    kind: 'source',
    id: id.slice(0, 200),
    eventType: kind,
    commitId: commitId.toLowerCase(),
    ...(pullRequestId !== undefined && { pullRequestId }),
    repositoryUrl: withoutCredential(sourceRepository.repositoryUrl.replace(/#.*$/s, '')),
    ...(branch !== undefined && { branchName: branch }),
    ...(tag !== undefined && { tagName: tag }),
    providerType,
  };
}

function withoutCredential(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/@]*@/i, '$1');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
