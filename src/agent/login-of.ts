import { Secret } from '../model/index.ts';
import type { RegistryLogin } from '../protocol/index.ts';
import type { SourceLocation } from '../sources/index.ts';
import { parseImageReference } from '../taskfile/index.ts';

/** The run's login to a registry. @param registry as `parseImageReference` names it. */
export function loginOf(logins: readonly RegistryLogin[], registry: string): RegistryLogin | undefined {
  return logins.find((login) => canonicalRegistry(login.registry) === registry);
}

/** `user:password` for the registry of an artifact; undefined for other locations, and where nobody logs in. */
export function artifactCredential(
  logins: readonly RegistryLogin[],
  location: SourceLocation,
): Secret | undefined {
  const login = location.kind === 'oci' ? loginOf(logins, location.registry) : undefined;
  return login && new Secret(`${login.username}:${login.password}`);
}

/** Undefined for what is no host. */
function canonicalRegistry(host: string): string | undefined {
  try {
    return parseImageReference(`${host}/any/image`).registry;
  } catch {
    return undefined;
  }
}
