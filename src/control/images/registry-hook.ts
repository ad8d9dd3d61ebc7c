import { imageTagOf, ServiceError, type Registry } from '../../model/index.ts';
import { findRegistryById, findRunKey, lockImages, recordPush } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { hookToken, isHookToken } from '../hook-token.ts';
import { settleMs, longestSettleMs } from './settle.ts';

/** Where a registry of ours tells of pushes, and the token that only it and we know. */
export function registryHook(
  deps: Pick<ControlDeps, 'config'>,
  { registryId }: Pick<Registry, 'registryId'>,
): { url: string; token: string } {
  const url = `${deps.config.publicUrl}/hooks/registry/v1/${registryId}`;
  return { url, token: hookToken(deps, 'registry', registryId) };
}

/** A manifest that was pushed under a tag, as distribution tells. */
export interface PushedManifest {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Subject of the token that was used. */
  readonly actor: string | undefined;
}

/** Whether a notification is of that registry; asks no database. @throws ServiceError 401 for a wrong token. */
export function requireRegistryToken(
  deps: Pick<ControlDeps, 'config'>,
  registryId: string,
  token: string,
): void {
  if (!isHookToken(deps, 'registry', registryId, token)) {
    throw new ServiceError(401, 'InvalidToken', 'the token is not that of this registry');
  }
}

/**
 * Remembers what was pushed to a registry of ours. It is only heard here that something happened: what the
 * tag means is asked for when the pushes have settled, so old news and news that come twice do no harm.
 */
export async function recordRegistryPushes(
  deps: ControlDeps,
  registryId: string,
  pushed: readonly PushedManifest[],
): Promise<void> {
  const registry = await findRegistryById(deps.store.db, registryId);
  if (!registry) return; // deleted just now
  const now = deps.now();
  const images = pushed.map(({ repository, tag }) => ({ registry: registry.loginServer, repository, tag }));
  await deps.store.db.transaction().execute(async (trx) => {
    await lockImages(trx, images);
    for (const { repository, tag, digest, actor } of pushed) {
      const image = { registry: registry.loginServer, repository, tag };
      const run = runOf(registry, actor);
      const runKey = run && (await findRunKey(trx, run.registryName, run.runId));
      await recordPush(trx, { image, digest, runKey, now, settleMs, longestSettleMs });
    }
  });
}

/** The run whose credential was used: `run:ca1` of the registry itself, `run:other/ca1` of another. */
function runOf(
  { name }: Registry,
  actor: string | undefined,
): { registryName: string; runId: string } | undefined {
  const [, registryName = name, runId] = /^run:(?:([^/]+)\/)?(\w+)$/.exec(actor ?? '') ?? [];
  return runId === undefined ? undefined : { registryName, runId };
}

/** The members of distribution's notifications that count, of those with a tag. @throws ServiceError 400. */
export function readNotifications(body: unknown): PushedManifest[] {
  const { events } = (body ?? {}) as { events?: unknown };
  if (!Array.isArray(events)) throw new ServiceError(400, 'InvalidRequest', 'events must be a list');
  return events.flatMap((event: unknown) => {
    const {
      action,
      target = {},
      actor = {},
    } = (event ?? {}) as {
      action?: unknown;
      target?: Record<string, unknown>;
      actor?: { name?: unknown };
    };
    const { repository, tag, digest } = target ?? {};
    const isSound = [repository, tag, digest].every((each) => typeof each === 'string' && each.length < 1000);
    const image = isSound ? imageTagOf({ registry: '', ...(target as object) }) : undefined;
    if (action !== 'push' || !image) return [];
    const name = actor?.name;
    return [
      {
        repository: image.repository,
        tag: image.tag,
        digest: String(digest),
        actor: typeof name === 'string' ? name : undefined,
      },
    ];
  });
}
