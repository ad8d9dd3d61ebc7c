import { ServiceError, type Secret } from '../../model/index.ts';
import type { SecretsRequest, SecretsResponse } from '../../protocol/index.ts';
import { findHeldRun, findRegistryById, type LeaseHolder } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { leaseLost } from '../runs/attempt.ts';
import { readSecret } from './read-secret.ts';

/** Less than an agent waits for the answer. */
const readMs = 25_000;

/**
 * The values of the secrets that a task file names, for the agent that holds the run.
 * @throws ServiceError 409 `LeaseLost`; 400 `SecretUnreadable`, which says which one and why.
 */
export async function readRunSecrets(
  deps: ControlDeps,
  holder: LeaseHolder,
  { secrets }: SecretsRequest,
): Promise<SecretsResponse> {
  const run = await findHeldRun(deps.store.db, holder);
  const registry = run && (await findRegistryById(deps.store.db, run.registryId));
  if (!registry) throw leaseLost(holder);
  const signal = AbortSignal.timeout(readMs);
  const read = async ({ id, keyvault, clientId }: SecretsRequest['secrets'][number]) => {
    const value = await readSecret(deps, registry, { url: keyvault, identity: clientId }, signal).catch(
      (error: unknown): Secret => {
        if (!(error instanceof ServiceError)) throw error;
        const message = `secret ${JSON.stringify(id)}: ${error.message}`;
        throw new ServiceError(400, 'SecretUnreadable', message, { cause: error });
      },
    );
    return [id, value.reveal()] as const;
  };
  const values = await Promise.all(secrets.map(read));
  const ids = secrets.map(({ id }) => id);
  deps.log.info({ runId: run.runId, attempt: run.attempt, secrets: ids }, 'a run read secrets');
  return { values: Object.fromEntries(values) };
}
