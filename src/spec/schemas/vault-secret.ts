import { flag, integer, list, object, optional, secretText, text } from '../members.ts';

/** Body of Key Vault's Set Secret, as far as we keep it. */
export const vaultSecret = object(
  { value: secretText({ minLength: 1, description: 'The value of the secret.' }) },
  { $id: 'SecretSetParameters' },
);

/** A secret without its value, in Key Vault's shape. */
export const vaultSecretItem = object(
  {
    id: text({ description: 'By which tasks name it.' }),
    attributes: object({
      enabled: flag(),
      created: integer({ description: 'Seconds since 1970.' }),
    }),
  },
  { $id: 'SecretItem' },
);

export const vaultSecretListResult = object(
  { value: list(vaultSecretItem), nextLink: optional(text()) },
  { $id: 'SecretListResult' },
);
