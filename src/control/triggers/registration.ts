import { openForge } from '../../forges/index.ts';
import { messageOf, type SourceHook } from '../../model/index.ts';
import { deleteSourceHook, postponeRemoval, setHookRegistration, takeDueHooks } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { nextForgeTry } from './forge-tries.ts';
import { hookUrl } from './hooks.ts';

/** A hook is this server's for so long: longer than all that is asked of a provider may take. */
const takenSeconds = 180;
const batch = 10;

/** Tells providers of hooks that are new, and has them forget those that are gone. */
export async function registerHooks(deps: ControlDeps): Promise<void> {
  const now = deps.now();
  const due = await takeDueHooks(deps.store.db, now, new Date(now.getTime() + takenSeconds * 1000), batch);
  await Promise.all(due.map((hook) => (hook.isGone ? unregister(deps, hook) : register(deps, hook))));
}

async function register(deps: ControlDeps, hook: SourceHook): Promise<void> {
  const { db } = deps.store;
  const { hookId, registryId, token } = hook;
  try {
    if (token === undefined) return await setHookRegistration(db, hookId, { registration: 'Manual' });
    const secret = deps.sealer.open(hook.secret, registryId);
    const forge = await forgeOf(deps, hook, token);
    await forge.addHook(hookUrl(deps, hook), secret);
    await setHookRegistration(db, hookId, { registration: 'Registered' });
    deps.log.info({ hookId, task: hook.taskKey, trigger: hook.triggerName }, 'webhook registered');
  } catch (error) {
    const reason = messageOf(error);
    const nextTryAt = nextForgeTry(error, hook.tries, deps.now());
    const registration = nextTryAt ? 'Pending' : 'Failed';
    await setHookRegistration(db, hookId, { registration, error: reason, ...(nextTryAt && { nextTryAt }) });
    deps.log.warn(
      { hookId, task: hook.taskKey, reason, isLast: !nextTryAt },
      'a webhook cannot be registered',
    );
  }
}

async function unregister(deps: ControlDeps, hook: SourceHook): Promise<void> {
  const { db } = deps.store;
  const { hookId, token } = hook;
  try {
    if (token !== undefined) await (await forgeOf(deps, hook, token)).removeHook(hookUrl(deps, hook));
    await deleteSourceHook(db, hookId);
  } catch (error) {
    const reason = messageOf(error);
    deps.log.warn({ hookId, task: hook.taskKey, reason }, 'a webhook cannot be removed');
    // its URL answers nobody any more; the repository may be gone as well
    const nextTryAt = nextForgeTry(error, hook.tries, deps.now());
    if (nextTryAt) await postponeRemoval(db, hookId, reason, nextTryAt);
    else await deleteSourceHook(db, hookId);
  }
}

function forgeOf(deps: ControlDeps, hook: SourceHook, token: string): ReturnType<typeof openForge> {
  return openForge(hook.providerType, hook.repositoryUrl, deps.sealer.open(token, hook.registryId));
}
