import { object, secretText } from '../members.ts';

/** Body of Key Vault's Set Secret, as far as we keep it. */
export const vaultSecret = object(
  { value: secretText({ minLength: 1, description: 'The value of the secret.' }) },
  { $id: 'SecretSetParameters' },
);
