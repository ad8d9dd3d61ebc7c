import { ServiceError } from '../../model/index.ts';

/** Names a secret in a vault: `https://{vault}{suffix}/secrets/{name}[/{version}]`. */
export interface SecretUrl {
  /** The first label of the host. */
  readonly vault: string;
  /** The rest of the host, with its dot and, when it is given, the port: `.vault.azure.net`. */
  readonly suffix: string;
  readonly name: string;
  /** Undefined for the newest. */
  readonly version: string | undefined;
}

const shape =
  /^https:\/\/([a-z0-9-]{1,63})((?:\.[a-z0-9-]{1,63}){1,8}(?::\d{1,5})?)\/secrets\/([a-z0-9-]{1,127})(?:\/([a-z0-9]{1,64}))?\/?$/i;

/**
 * Parses a URL in this shape only: no user, query or encoded part, which another parser might read
 * differently. @throws ServiceError 400 `InvalidSecretUrl`, which does not repeat the text: it may be a
 * password that was given in place of a URL.
 */
export function parseSecretUrl(text: string): SecretUrl {
  const [, vault, suffix, name, version] = shape.exec(text.trim()) ?? [];
  if (vault === undefined || suffix === undefined || name === undefined) {
    throw new ServiceError(
      400,
      'InvalidSecretUrl',
      'it is no URL of a secret; one looks like https://myvault.vault.azure.net/secrets/mysecret, or with a ' +
        'version /secrets/mysecret/0123456789abcdef0123456789abcdef',
    );
  }
  return { vault: vault.toLowerCase(), suffix: suffix.toLowerCase().replace(/:443$/, ''), name, version };
}
