import { ServiceError, type Registry, type Secret } from '../../model/index.ts';
import { parseSecretUrl } from '../../secrets/index.ts';
import type { ControlDeps } from '../deps.ts';
import { isOwnVault, openVaultSecret } from './vault.ts';

const maxBytes = 64 * 1024;

/** A secret that a run wants: the URL in a vault, and as whom it is read there. */
export interface SecretReference {
  readonly url: string;
  readonly identity: string | undefined;
}

/**
 * The value of a secret for a run of that registry: of the registry's own vaults from the database, of
 * others over Key Vault's protocol. @throws ServiceError that says what is wrong or missing.
 */
export async function readSecret(
  deps: ControlDeps,
  registry: Registry,
  { url, identity }: SecretReference,
  signal: AbortSignal,
): Promise<Secret> {
  const secretUrl = parseSecretUrl(url);
  const { vault, name, version } = secretUrl;
  if (!isOwnVault(deps, secretUrl)) {
    const asker = { identity, registryName: registry.name };
    return requireShort(await deps.keyVault.readSecret(secretUrl, asker, signal), name);
  }
  const found = await openVaultSecret(deps, registry, secretUrl);
  if (found) return requireShort(found, name);
  const which = version === undefined ? `secret ${name}` : `version ${version} of secret ${name}`;
  throw new ServiceError(
    404,
    'SecretNotFound',
    `there is no ${which} in vault ${vault} of registry ${registry.name}; ` +
      `put it there with: slipway secret set ${name} --vault ${vault}`,
  );
}

function requireShort(secret: Secret, name: string): Secret {
  const length = Buffer.byteLength(secret.reveal());
  if (length <= maxBytes) return secret;
  const message = `secret ${name} has ${length} bytes; a run takes secrets of at most ${maxBytes}`;
  throw new ServiceError(400, 'SecretTooLong', message);
}
