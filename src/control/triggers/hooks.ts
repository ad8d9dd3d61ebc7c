import { randomBytes } from 'node:crypto';
import { forgeRepository } from '../../forges/index.ts';
import { Secret, type Registry, type SourceHook } from '../../model/index.ts';
import type { Task } from '../../spec/index.ts';
import {
  findSourceHooks,
  findTasksWithoutHooks,
  lockTask,
  setMovedHooksDue,
  setSourceHooks,
  type WantedHook,
} from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { openTask } from '../tasks/open-task.ts';
import { getTask } from '../tasks/tasks.ts';

const secretBytes = 32;
const batch = 50;

/**
 * Keeps a webhook for each source trigger of a task, in the transaction that stores the task. A trigger that
 * stays keeps the URL and the secret of its own; a disabled one takes events in and ignores them.
 */
export async function keepHooks(
  deps: Pick<ControlDeps, 'sealer' | 'newId' | 'config'>,
  trx: Parameters<typeof setSourceHooks>[0],
  registryId: string,
  taskName: string,
  properties: Pick<Task['properties'], 'status' | 'trigger'>,
  now: Date,
): Promise<void> {
  const { sealer } = deps;
  const triggers = properties.trigger?.sourceTriggers ?? [];
  const hooks = triggers.map(({ name, status, sourceRepository }): WantedHook => {
    const { sourceControlType: providerType, repositoryUrl, sourceControlAuthProperties } = sourceRepository;
    const token = sourceControlAuthProperties?.token.reveal();
    const isEnabled = properties.status === 'Enabled' && status === 'Enabled';
    return {
      hookId: deps.newId(),
      secret: sealer.seal(randomBytes(secretBytes).toString('base64url'), registryId),
      triggerName: name,
      providerType,
      repositoryUrl: repositoryUrl.replace(/#.*$/s, ''),
      ...(token && { token: sealer.seal(token, registryId) }),
      isToBeRegistered: isEnabled && Boolean(token) && isReachable(deps.config.hooksUrl, repositoryUrl),
    };
  });
  await setSourceHooks(trx, registryId, taskName, hooks, now);
}

/** Gives hooks to tasks of before there were any. */
export async function makeMissingHooks(deps: ControlDeps): Promise<void> {
  const { db } = deps.store;
  for (;;) {
    const tasks = await findTasksWithoutHooks(db, batch);
    for (const { registryId, name } of tasks) {
      await db.transaction().execute(async (trx) => {
        const stored = await lockTask(trx, registryId, name);
        if (!stored || (await findSourceHooks(trx, registryId, name)).length > 0) return;
        await keepHooks(deps, trx, registryId, name, openTask(deps, stored).properties, deps.now());
      });
    }
    if (tasks.length < batch) return;
  }
}

/** A webhook as who sets it up by hand needs it. */
export interface Webhook extends Omit<SourceHook, 'secret'> {
  readonly url: string;
  readonly secret: Secret;
}

/** The webhooks of a task. @throws ServiceError 404 `ResourceNotFound`. */
export async function listWebhooks(
  deps: ControlDeps,
  registry: Registry,
  taskName: string,
): Promise<Webhook[]> {
  const task = await getTask(deps, registry, taskName);
  const hooks = await findSourceHooks(deps.store.db, registry.registryId, task.name);
  return hooks.map((hook) => ({
    ...hook,
    url: hookUrl(deps, hook),
    secret: deps.sealer.open(hook.secret, hook.registryId),
  }));
}

/** Providers are told when this server is reached under another URL than it was. */
export async function findMovedHooks(deps: ControlDeps): Promise<void> {
  await setMovedHooksDue(deps.store.db, hookUrl(deps, { hookId: '' }), deps.now());
}

export function hookUrl(deps: Pick<ControlDeps, 'config'>, { hookId }: Pick<SourceHook, 'hookId'>): string {
  return `${deps.config.hooksUrl}/hooks/v1/${hookId}`;
}

/** This machine's own names are nothing to a provider elsewhere. */
function isReachable(hooksUrl: string, repositoryUrl: string): boolean {
  if (!isLocal(new URL(hooksUrl).hostname)) return true;
  try {
    return isLocal(forgeRepository('Github', repositoryUrl).hostname);
  } catch {
    return false;
  }
}

/** Whether a name is one of this machine only. */
export function isLocal(hostname: string): boolean {
  return /^(.*\.)?localhost$|^127\.|^\[::1\]$/.test(hostname);
}
