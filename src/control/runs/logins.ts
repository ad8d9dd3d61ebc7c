import { memberPath, type CustomRegistry, type RequestCredentials } from '../../spec/index.ts';
import { Secret, ServiceError, type Registry, type Run } from '../../model/index.ts';
import type { RegistryLogin } from '../../protocol/index.ts';
import { tokenUser } from '../../registry/index.ts';
import { findPrincipalByClientId, findRegistryByLoginServer } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { imageActionsOf } from '../resources/access.ts';
import { readSecret } from '../vaults/read-secret.ts';

/** A credential outlives its run's timeout by so much, so that a push at the end still works. */
const spareSeconds = 300;
const longestReadMs = 15_000;

/**
 * The logins of a run, with what their credentials refer to read now: to its own registry with a credential
 * of the run, unless it wants none, and to the others that it names. Takes less than half a lease.
 * @throws ServiceError that names the credential and says what is wrong.
 */
export async function loginsOf(
  deps: ControlDeps,
  registry: Registry,
  run: Run,
  credentials: RequestCredentials,
  pushRepositories: readonly string[],
): Promise<RegistryLogin[]> {
  const signal = AbortSignal.timeout(Math.min(longestReadMs, deps.config.leaseSeconds * 500));
  const custom = Object.entries(credentials.customRegistries ?? {}).map(([host, credential]) =>
    customLogin(deps, registry, run, host, credential, signal),
  );
  const own =
    credentials.sourceRegistry?.loginMode === 'None' ? [] : [ownLogin(deps, registry, run, pushRepositories)];
  return Promise.all([...own, ...custom]);
}

async function ownLogin(
  deps: ControlDeps,
  registry: Registry,
  run: Run,
  pushRepositories: readonly string[],
): Promise<RegistryLogin> {
  const ttlSeconds = run.timeoutSeconds + spareSeconds;
  const issued = await deps.registries.issueRunCredential(registry, run.runId, pushRepositories, ttlSeconds);
  return { registry: registry.loginServer, ...issued };
}

/** Whom a login is for. */
type Asker = Pick<Run, 'runId' | 'timeoutSeconds'> & { readonly requestedBy?: string | undefined };

/** The login that a credential stands for. @throws ServiceError that names the credential. */
export async function customLogin(
  deps: ControlDeps,
  registry: Registry,
  run: Asker,
  host: string,
  { userName, password, identity }: CustomRegistry,
  signal: AbortSignal,
): Promise<RegistryLogin> {
  const path = memberPath('credentials.customRegistries', host);
  if (!userName || !password) {
    return naming(`${path}.identity`, () => identityLogin(deps, registry, run, host, identity, signal));
  }
  const valueOf = async (type: string, value: Secret): Promise<string> => {
    if (type !== 'Vaultsecret') return value.reveal();
    return (await readSecret(deps, registry, { url: value.reveal(), identity }, signal)).reveal();
  };
  const [username, secret] = await Promise.all([
    naming(`${path}.userName`, () => valueOf(userName.type, new Secret(userName.value))),
    naming(`${path}.password`, () => valueOf(password.type, password.value)),
  ]);
  return { registry: host, username, password: secret };
}

/**
 * The login of an identity. To a registry of this server it is that of whoever asked for the run (for a
 * task's run, of who last changed the task): they say in the request what it may use, so it may do with
 * the images what they may.
 */
async function identityLogin(
  deps: ControlDeps,
  registry: Registry,
  run: Asker,
  host: string,
  identity: string | undefined,
  signal: AbortSignal,
): Promise<RegistryLogin> {
  const hosted = await findRegistryByLoginServer(deps.store.db, host);
  if (!hosted) {
    const asker = { identity, registryName: registry.name };
    const password = await deps.keyVault.readRegistryPassword(host, asker, signal);
    return { registry: host, username: tokenUser, password: password.reveal() };
  }
  const principal =
    run.requestedBy === undefined ? undefined : await findPrincipalByClientId(deps.store.db, run.requestedBy);
  const actions = principal ? await imageActionsOf(deps, principal.objectId, hosted) : [];
  const may = (action: string): boolean => actions.includes('*') || actions.includes(action);
  if (!may('pull')) {
    const who = run.requestedBy ?? 'nobody who is known';
    throw new ServiceError(
      403,
      'RegistryForbidden',
      `this run acts for ${who}, who may not pull from registry ${hosted.name}; ` +
        'give userName and password, or let somebody who may make the request or change the task',
    );
  }
  const ttlSeconds = run.timeoutSeconds + spareSeconds;
  const push = may('push') ? ['*'] : [];
  const issued = await deps.registries.issueRunCredential(
    hosted,
    `${registry.name}/${run.runId}`,
    push,
    ttlSeconds,
  );
  return { registry: host, ...issued };
}

async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { statusCode, code, message } = error;
    throw new ServiceError(statusCode, code, `${path}: ${message}`, { target: path, cause: error });
  }
}
