import { Secret, ServiceError } from '../../model/index.ts';
import { createAccessTokens, type MachineIdentity } from './access-tokens.ts';
import { quoted, textIn, type Answer, type Ask } from './ask.ts';
import { vaultAudience, type Cloud } from './clouds.ts';
import { identityFor, type Asker, type Identities, type RunIdentity } from './identities.ts';
import { readChallenge } from './challenge.ts';
import type { SecretUrl } from './secret-url.ts';

/** Secrets and registries of Azure, as the identities that the operator has configured. */
export interface KeyVault {
  /** @throws ServiceError that says which secret, which identity, and what is missing. */
  readSecret(url: SecretUrl, asker: Asker, signal: AbortSignal): Promise<Secret>;
  /** The password, for `tokenUser`, of an identity at a registry of Azure. @throws ServiceError likewise. */
  readRegistryPassword(host: string, asker: Asker, signal: AbortSignal): Promise<Secret>;
}

const apiVersion = '7.4';

export function createKeyVault(deps: {
  readonly identities: Identities;
  readonly machine: MachineIdentity;
  readonly ask: Ask;
  readonly now: () => Date;
}): KeyVault {
  const { ask, identities } = deps;
  const tokens = createAccessTokens(deps);
  /** Vaults that have told where to log in, and were right. */
  const challenged = new Set<string>();

  const readSecret = async (
    secret: SecretUrl,
    asker: Asker,
    signal: AbortSignal,
    isRepeated = false,
  ): Promise<Secret> => {
    const cloud = cloudOf(identities.clouds, secret);
    const identity = identityFor(identities, asker);
    const host = secret.vault + secret.suffix;
    const version = secret.version === undefined ? '' : `/${secret.version}`;
    const url = `https://${host}/secrets/${secret.name}${version}?api-version=${apiVersion}`;
    if (!challenged.has(host)) {
      // Asks without a token first: the vault answers where its tokens come from.
      checkChallenge(host, cloud, identity, await ask({ url }, signal));
      challenged.add(host);
    }
    const audience = vaultAudience(cloud);
    const token = await tokens.get(identity, audience, signal);
    const answer = await ask({ url, headers: { authorization: `Bearer ${token}` } }, signal);
    if (answer.status === 401 && !isRepeated) {
      tokens.forget(identity, audience);
      challenged.delete(host);
      return readSecret(secret, asker, signal, true);
    }
    const value = textIn(answer.body, 'value');
    if (answer.status === 200 && value !== undefined) return new Secret(value);
    throw refusal(`secret ${secret.name} of vault ${host}`, identity, answer);
  };
  return {
    readSecret: (secret, asker, signal) => readSecret(secret, asker, signal),

    async readRegistryPassword(host, asker, signal) {
      const cloud = identities.clouds.find(({ registrySuffix }) => isBelow(host, registrySuffix));
      if (cloud?.registryAudience === undefined) {
        const known = identities.clouds.flatMap(({ registrySuffix = [] }) => registrySuffix);
        throw new ServiceError(
          400,
          'RegistryNotAllowed',
          `an identity can log in to registries of this server and to those named *${known.join(', *')}; ` +
            'for others give userName and password',
        );
      }
      const identity = identityFor(identities, asker);
      requireSameCloud(host, cloud, identity);
      const token = await tokens.get(identity, cloud.registryAudience, signal);
      const { credential } = identity;
      const form = {
        grant_type: 'access_token',
        service: host,
        access_token: token,
        ...(credential.kind === 'secret' && { tenant: credential.tenantId }),
      };
      const answer = await ask({ url: `https://${host}/oauth2/exchange`, form }, signal);
      const password = textIn(answer.body, 'refresh_token');
      if (answer.status === 200 && password !== undefined) return new Secret(password);
      throw refusal(`registry ${host}`, identity, answer);
    },
  };
}

/** Tokens go to vaults of known clouds only: the URL comes from whoever writes a task. */
function cloudOf(clouds: readonly Cloud[], { vault, suffix }: SecretUrl): Cloud {
  const found = clouds.find((cloud) => cloud.vaultSuffix === suffix);
  if (found) return found;
  throw new ServiceError(
    400,
    'VaultNotAllowed',
    `${vault}${suffix} is not the host of a vault that this server may ask; those are named ` +
      `${clouds.map(({ vaultSuffix }) => `*${vaultSuffix}`).join(', ')}, and the server's operator may add others`,
  );
}

function checkChallenge(host: string, cloud: Cloud, identity: RunIdentity, answer: Answer): void {
  requireSameCloud(host, cloud, identity);
  const challenge = answer.status === 401 && readChallenge(answer.headers['www-authenticate']);
  const refuse = (reason: string): never => {
    throw new ServiceError(502, 'VaultNotUnderstood', `vault ${host} ${reason}`);
  };
  if (!challenge) return refuse(`answered ${answer.status} where it should ask for a login`);
  const { loginHost, tenantId, audience } = challenge;
  if (audience !== vaultAudience(cloud))
    refuse(`wants tokens for ${audience}; a vault of its name takes those for ${vaultAudience(cloud)}`);
  if (loginHost !== cloud.loginHost && !cloud.otherLoginHosts?.includes(loginHost))
    refuse(`wants a login at ${loginHost}; the login host of its cloud is ${cloud.loginHost}`);
  const { credential, name } = identity;
  if (credential.kind === 'secret' && credential.tenantId.toLowerCase() !== tenantId)
    refuse(`belongs to the tenant ${tenantId}, but the identity ${name} to ${credential.tenantId}`);
}

function requireSameCloud(host: string, cloud: Cloud, { name, credential }: RunIdentity): void {
  if (credential.kind === 'machine' || credential.loginHost === cloud.loginHost) return;
  throw new ServiceError(
    403,
    'IdentityNotAvailable',
    `the identity ${name} is of ${credential.loginHost}, but ${host} takes logins of ${cloud.loginHost}`,
  );
}

function isBelow(host: string, suffix: string | undefined): boolean {
  return suffix !== undefined && host.length > suffix.length && host.toLowerCase().endsWith(suffix);
}

function refusal(what: string, { name }: RunIdentity, { status, body }: Answer): ServiceError {
  const said = quoted(
    textIn(body, 'error', 'message') ?? textIn(body, 'error_description') ?? textIn(body, 'message'),
  );
  if (status === 404) return new ServiceError(404, 'SecretNotFound', `there is no ${what}${said}`);
  if (status === 401 || status === 403) {
    const missing = what.startsWith('secret')
      ? 'it needs the permission to get secrets (role Key Vault Secrets User)'
      : 'it needs the permission to pull (role AcrPull)';
    const message = `the identity ${name} may not read the ${what}; ${missing}${said}`;
    return new ServiceError(403, 'SecretForbidden', message);
  }
  if (status >= 300 && status < 400) {
    return new ServiceError(502, 'NotUnderstood', `the ${what} is elsewhere: redirects are not followed`);
  }
  return new ServiceError(502, 'NotUnderstood', `the ${what} cannot be read: status ${status}${said}`);
}
