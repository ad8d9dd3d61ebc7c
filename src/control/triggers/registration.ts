import { openForge, type Forge } from '../../forges/index.ts';
import { hookCheckSeconds, messageOf, type SourceHook } from '../../model/index.ts';
import { deleteSourceHook, postponeRemoval, setHookRegistration, takeDueHooks } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { nextForgeTry, nextHookCheck } from './forge-tries.ts';
import { hookUrl } from './hooks.ts';

/** A hook is this server's for so long: longer than all that is asked of a provider may take. */
const takenSeconds = 180;
const batch = 10;

/** Tells providers of hooks that are new, and has them forget those that are gone. */
export async function registerHooks(deps: ControlDeps): Promise<void> {
  const due = await take(deps, 'new');
  await Promise.all(due.map((hook) => (hook.isGone ? unregister(deps, hook) : register(deps, hook))));
}

/**
 * Asks providers from time to time, and whenever a task is saved, whether they have the hooks that they were told of.
 * New ones do not wait for that: a provider that does not answer takes its time.
 */
export async function checkHooks(deps: ControlDeps): Promise<void> {
  const due = await take(deps, 'known');
  await Promise.all(due.map((hook) => checkHook(deps, hook)));
}

function take(deps: ControlDeps, which: 'new' | 'known'): ReturnType<typeof takeDueHooks> {
  const now = deps.now();
  return takeDueHooks(deps.store.db, which, now, new Date(now.getTime() + takenSeconds * 1000), batch);
}

async function register(deps: ControlDeps, hook: SourceHook): Promise<void> {
  const { db } = deps.store;
  if (hook.token === undefined) return setHookRegistration(db, hook, { registration: 'Manual' });
  try {
    await addHook(deps, hook, await forgeOf(deps, hook, hook.token));
  } catch (error) {
    await setUnregistered(deps, hook, error, messageOf(error));
  }
}

/** Somebody may have deleted it at the provider, or this server is reached under another URL than before. */
async function checkHook(deps: ControlDeps, hook: SourceHook): Promise<void> {
  const { db } = deps.store;
  const { hookId, token } = hook;
  if (token === undefined) return setHookRegistration(db, hook, { registration: 'Registered' });
  const url = hookUrl(deps, hook);
  let forge: Forge;
  try {
    forge = await forgeOf(deps, hook, token);
    const presence = await forge.findHook(url);
    if (presence !== 'None') {
      await setHookRegistration(db, hook, {
        registration: 'Registered',
        ...seenNow(deps, url),
        ...(presence === 'Inactive' && { error: 'it is switched off at the provider: no events come' }),
      });
      return;
    }
  } catch (error) {
    const reason = messageOf(error);
    await setHookRegistration(db, hook, {
      registration: 'Registered',
      error: `it cannot be seen whether it is still there: ${reason}`,
      nextTryAt: nextHookCheck(error, hook.tries, deps.now()),
    });
    deps.log.warn({ hookId, task: hook.taskKey, reason }, 'a webhook cannot be looked after');
    return;
  }
  try {
    await addHook(deps, hook, forge);
  } catch (error) {
    await setUnregistered(deps, hook, error, `it is gone at the provider; ${messageOf(error)}`);
  }
}

/** Adds a hook that is not there: one that is new, that somebody has deleted, or that is there under an earlier URL. */
async function addHook(deps: ControlDeps, hook: SourceHook, forge: Forge): Promise<void> {
  const { hookId, registeredUrl } = hook;
  const url = hookUrl(deps, hook);
  const isMoved = registeredUrl !== undefined && registeredUrl !== url;
  const wasThere = registeredUrl !== undefined || hook.registration === 'Registered';
  if (isMoved) await forge.removeHook(registeredUrl);
  await forge.addHook(url, deps.sealer.open(hook.secret, hook.registryId));
  const isRestored = wasThere && !isMoved;
  await setHookRegistration(deps.store.db, hook, {
    registration: 'Registered',
    ...seenNow(deps, url),
    ...(isRestored && { restoredAt: deps.now() }),
  });
  const fields = { hookId, task: hook.taskKey, trigger: hook.triggerName };
  deps.log.info(fields, isRestored ? 'webhook was gone, registered again' : 'webhook registered');
}

function seenNow(deps: ControlDeps, registeredUrl: string) {
  const checkedAt = deps.now();
  const nextTryAt = new Date(checkedAt.getTime() + hookCheckSeconds * 1000);
  return { checkedAt, nextTryAt, registeredUrl };
}

async function setUnregistered(
  deps: ControlDeps,
  hook: SourceHook,
  error: unknown,
  reason: string,
): Promise<void> {
  const nextTryAt = nextForgeTry(error, hook.tries, deps.now());
  const registration = nextTryAt ? 'Pending' : 'Failed';
  await setHookRegistration(deps.store.db, hook, {
    registration,
    error: reason,
    ...(nextTryAt && { nextTryAt }),
  });
  const fields = { hookId: hook.hookId, task: hook.taskKey, reason, isLast: !nextTryAt };
  deps.log.warn(fields, 'a webhook cannot be registered');
}

async function unregister(deps: ControlDeps, hook: SourceHook): Promise<void> {
  const { db } = deps.store;
  const { hookId, token, registeredUrl } = hook;
  try {
    if (token !== undefined) {
      const forge = await forgeOf(deps, hook, token);
      for (const url of new Set([hookUrl(deps, hook), registeredUrl ?? hookUrl(deps, hook)]))
        await forge.removeHook(url);
    }
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

function forgeOf(deps: ControlDeps, hook: SourceHook, token: string): Promise<Forge> {
  return openForge(hook.providerType, hook.repositoryUrl, deps.sealer.open(token, hook.registryId));
}
